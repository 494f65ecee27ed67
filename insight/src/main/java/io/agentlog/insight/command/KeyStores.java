package io.agentlog.insight.command;

import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.util.Collections;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Opens the server's key and certificate. */
final class KeyStores {
  private KeyStores() {}

  private static boolean hasKey(KeyStore store) throws KeyStoreException {
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Makes what HTTPS needs of a PKCS #12 file.
   *
   * @param wrong makes the exception that is thrown if the file can't be used
   */
  static SSLContext open(
      Path file, char[] password, Function<String, ? extends RuntimeException> wrong) {
    try {
      KeyStore store = KeyStore.getInstance(file.toFile(), password);
      if (!hasKey(store)) {
        throw new KeyStoreException("it has no private key");
      }
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw wrong.apply(
          "--tls-keystore %s can't be used: %s. Its password is read from --tls-password-file"
              .formatted(file, AgentLog.describe(e)));
    }
  }
}
