package io.agentlog.agent.bootstrap;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;

/**
 * URLs of the agent's resources, for callers that need a URL. They read the jar that the loader
 * keeps open, so neither the JDK's URL cache nor a later file at the jar's path has an effect.
 */
final class PayloadUrl extends URLStreamHandler {
  private final AgentClassLoader loader;

  private PayloadUrl(AgentClassLoader loader) {
    this.loader = loader;
  }

  static URL of(AgentClassLoader loader, String name) throws IOException {
    return new URL("agentlog", "", -1, "/" + name, new PayloadUrl(loader));
  }

  @Override
  protected URLConnection openConnection(URL url) {
    return new Connection(url, loader);
  }

  private static final class Connection extends URLConnection {
    private final AgentClassLoader loader;

    Connection(URL url, AgentClassLoader loader) {
      super(url);
      this.loader = loader;
    }

    @Override
    public void connect() {
      connected = true;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return loader.open(getURL().getPath().substring(1));
    }
  }
}
