package io.agentlog.agent.capture.file;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of the files that were hashed last, each with the state that the file had. The one
 * used longest ago makes room for another. One thread at a time.
 */
final class KnownHashes {
  /** Most files; some 500 bytes of memory each, more with a long path. */
  static final int FILES_MAX = 10_000;

  private record Known(FileState state, String sha256) {}

  private final Map<Path, Known> byPath =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Known> eldest) {
          return size() > FILES_MAX;
        }
      };

  void put(Path path, FileState state, String sha256) {
    byPath.put(path, new Known(state, sha256));
  }

  /** Returns the hash of the content that the file has or had in a state; null if not known. */
  @Nullable String find(Path path, @Nullable FileState state) {
    Known known = byPath.get(path);
    return known != null && known.state.equals(state) ? known.sha256 : null;
  }

  void forget(Path path) {
    byPath.remove(path);
  }

  void clear() {
    byPath.clear();
  }

  int count() {
    return byPath.size();
  }
}
