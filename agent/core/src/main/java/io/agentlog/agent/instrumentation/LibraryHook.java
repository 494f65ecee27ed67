package io.agentlog.agent.instrumentation;

/**
 * Method of a library that is woven by its name.
 *
 * @param library group and artifact, as {@code ch.qos.logback:logback-classic}; its version is read
 *     from the file that Maven leaves in a jar
 * @param className with slashes
 * @param advice class with the code, see {@link MethodAdvice#of(Class)}
 * @param loss says for users what is missing without the method
 */
record LibraryHook(
    String library,
    String className,
    String method,
    String descriptor,
    Class<?> advice,
    String loss) {

  /** Returns whether a method of the class is this one. */
  boolean is(String name, String ofDescriptor) {
    return method.equals(name) && descriptor.equals(ofDescriptor);
  }

  /** Returns the path of the file with the library's version. */
  String versionResource() {
    return "META-INF/maven/" + library.replace(':', '/') + "/pom.properties";
  }

  /** Returns class and method for messages. */
  String displayName() {
    return className.replace('/', '.') + "#" + method + descriptor;
  }
}
