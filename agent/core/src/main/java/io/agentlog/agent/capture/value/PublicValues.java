package io.agentlog.agent.capture.value;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads values of objects whose types are not known here, by the names of methods without
 * parameters; a field of the name is read where there is no such method. Each is found once for a
 * class. Thread-safe; never throws. Paths are constants of the agent, so they are few.
 */
public final class PublicValues {
  private final Members members;
  private final ConcurrentMap<String, ReadersByClass[]> paths = new ConcurrentHashMap<>();

  public PublicValues(PackageOpener opener) {
    this.members = new Members(opener);
  }

  /**
   * Returns the value at the end of a path; an {@link Optional} on the way is unwrapped.
   *
   * @param path one name, or several with dots
   * @return null if the object or a value on the way is null or can't be read
   */
  public @Nullable Object read(@Nullable Object target, String path) {
    Object value = target;
    try {
      for (ReadersByClass step : steps(path)) {
        if (value == null) {
          return null;
        }
        MemberReader reader = step.of(value.getClass());
        value = reader.isReadable() ? reader.read(value) : null;
        if (value instanceof Optional<?> optional) {
          value = optional.orElse(null);
        }
      }
      return value;
    } catch (InterruptedException e) { // Swallowed here, but meant for the application.
      Thread.currentThread().interrupt();
      return null;
    } catch (Throwable t) { // The object is the application's, and may throw anything.
      return null;
    }
  }

  private ReadersByClass[] steps(String path) {
    ReadersByClass[] known = paths.get(path);
    if (known != null) {
      return known;
    }
    String[] names = path.split("\\.", -1);
    ReadersByClass[] made = new ReadersByClass[names.length];
    for (int i = 0; i < names.length; i++) {
      String name = names[i];
      made[i] = new ReadersByClass(type -> members.byName(type, name));
    }
    ReadersByClass[] faster = paths.putIfAbsent(path, made);
    return faster == null ? made : faster;
  }
}
