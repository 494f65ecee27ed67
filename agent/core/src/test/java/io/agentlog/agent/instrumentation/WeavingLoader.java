package io.agentlog.agent.instrumentation;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * An application's loader. Defines class files as a transformer returns them, and gives them
 * unchanged as resources.
 */
class WeavingLoader extends ClassLoader {
  final Set<String> wovenNames = new HashSet<>(); // Internal names.
  private final AgentTransformer transformer;
  private final Map<String, byte[]> files;

  WeavingLoader(AgentTransformer transformer, Map<String, byte[]> files) {
    this(WeavingLoader.class.getClassLoader(), transformer, files);
  }

  WeavingLoader(ClassLoader parent, AgentTransformer transformer, Map<String, byte[]> files) {
    super(parent);
    this.transformer = transformer;
    this.files = new HashMap<>(files);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> known = findLoadedClass(name);
      if (known != null) {
        return known;
      }
      byte[] file = files.get(name.replace('.', '/'));
      return file == null ? super.loadClass(name, resolve) : define(name.replace('.', '/'), file);
    }
  }

  private Class<?> define(String internalName, byte[] file) {
    byte[] woven = transformer.transform(this, internalName, null, null, file);
    if (woven != null) {
      wovenNames.add(internalName);
    }
    byte[] used = woven == null ? file : woven;
    return defineClass(internalName.replace('/', '.'), used, 0, used.length);
  }

  @Override
  public InputStream getResourceAsStream(String name) {
    byte[] file = name.endsWith(".class") ? files.get(name.substring(0, name.length() - 6)) : null;
    return file == null ? super.getResourceAsStream(name) : new ByteArrayInputStream(file);
  }

  /** Loads, links and so verifies a class. */
  Class<?> load(String name) throws ClassNotFoundException {
    return Class.forName(name, true, this);
  }

  /** Calls the method of that name on a new instance, or on the class if it is static. */
  static Object call(Class<?> type, String name, Object... arguments) throws Exception {
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals(name) && !method.isBridge()) {
        method.setAccessible(true);
        boolean isStatic = java.lang.reflect.Modifier.isStatic(method.getModifiers());
        Object self = null;
        if (!isStatic) {
          var constructor = type.getDeclaredConstructor();
          constructor.setAccessible(true);
          self = constructor.newInstance();
        }
        return method.invoke(self, arguments);
      }
    }
    throw new NoSuchMethodException(type + "." + name);
  }
}
