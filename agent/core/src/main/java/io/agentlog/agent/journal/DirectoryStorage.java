package io.agentlog.agent.journal;

import io.agentlog.files.LocalFileSystems;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** Directory on a real disk. Files are created with rights 0600; no symbolic link is followed. */
class DirectoryStorage implements JournalStorage {
  /**
   * File systems on which a written block stays in place. On others, a store to a mapping may find
   * no block and kill the JVM.
   */
  private static final Set<String> MAPPABLE =
      Set.of("ext2", "ext3", "ext4", "xfs", "tmpfs", "overlay", "apfs", "hfs", "ntfs", "jfs");

  /** The folder of the service, that of agentlog, and the one in which that was made. */
  private static final int NEW_PARENTS_MAX = 3;

  private final Path directory;
  private final boolean mapped;
  private final boolean local;
  private final FileAttribute<?>[] attributes;
  private volatile boolean parentsForced;
  private final Consumer<MappedByteBuffer> unmapper;
  private final Restorer restorer;

  /** See {@link JournalStorage#restoreDirectory}. */
  @FunctionalInterface
  interface Restorer {
    boolean restore() throws IOException;
  }

  /** Creates a storage in a directory that no other process removes. */
  DirectoryStorage(Path directory, Consumer<MappedByteBuffer> unmapper) throws IOException {
    this(directory, unmapper, () -> false);
  }

  /**
   * @param directory existing directory, private to its owner
   * @param unmapper see {@link MappedMemory}
   */
  DirectoryStorage(Path directory, Consumer<MappedByteBuffer> unmapper, Restorer restorer)
      throws IOException {
    this.restorer = restorer;
    this.directory = directory;
    this.unmapper = unmapper;
    String type = Files.getFileStore(directory).type();
    this.mapped = isMappable(type);
    this.local = LocalFileSystems.isLocal(type);
    this.attributes =
        directory.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
  }

  /** True if stores go through a mapping, false if they are ordinary writes. */
  boolean isMapped() {
    return mapped;
  }

  /** True if a file system is known to be safe to map. The JDK defines the type's name. */
  static boolean isMappable(String fileStoreType) {
    return MAPPABLE.contains(fileStoreType.toLowerCase(Locale.ROOT));
  }

  @Override
  public List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          names.add(String.valueOf(file.getFileName()));
        }
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  @Override
  public StorageFile create(String name) throws IOException {
    Path file = Files.createFile(directory.resolve(name), attributes);
    return new OpenFile(file);
  }

  @Override
  public StorageFile open(String name) throws IOException {
    Path file = directory.resolve(name);
    // Mode "rw" would create the file. isRegularFile would report a failing disk as a missing file.
    if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isRegularFile()) {
      throw new NoSuchFileException(file.toString(), null, "missing, or not a regular file");
    }
    return new OpenFile(file);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }

  /** Also forces the names of the directory and of the one above it, which may be new as well. */
  @Override
  public void forceNames() throws IOException {
    if (File.separatorChar == '\\') {
      return; // On Windows a directory can't be opened or forced.
    }
    forceNamesIn(directory);
    Path parent = directory.toAbsolutePath().getParent();
    for (int i = 0; i < NEW_PARENTS_MAX && parent != null && !parentsForced; i++) {
      forceNamesIn(parent);
      parent = parent.getParent();
    }
    parentsForced = true;
  }

  private static void forceNamesIn(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (AccessDeniedException e) {
      // A folder that this user may enter and not read, so agentlog did not make it.
    }
  }

  @Override
  public boolean exists(String name) {
    return Files.isRegularFile(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public boolean restoreDirectory() throws IOException {
    return restorer.restore();
  }

  @Override
  public boolean callersMayWrite() {
    return local;
  }

  @Override
  public long usableBytes() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  /** Uses {@link RandomAccessFile}, because an interrupt of its thread closes a channel. */
  private final class OpenFile implements StorageFile {
    private final RandomAccessFile file;

    OpenFile(Path path) throws IOException {
      file = new RandomAccessFile(path.toFile(), "rw");
    }

    @Override
    public long length() throws IOException {
      return file.length();
    }

    @Override
    public int read(byte[] target, int targetOffset, int length, long position) throws IOException {
      file.seek(position);
      int total = 0;
      while (total < length) {
        int count = file.read(target, targetOffset + total, length - total);
        if (count < 0) {
          break;
        }
        total += count;
      }
      return total;
    }

    @Override
    public void write(byte[] source, int sourceOffset, int length, long position)
        throws IOException {
      file.seek(position);
      file.write(source, sourceOffset, length);
    }

    @Override
    public void force() throws IOException {
      file.getFD().sync();
    }

    @Override
    public SegmentMemory memory(int length) throws IOException {
      if (!mapped) {
        return new WrittenMemory(this);
      }
      MappedByteBuffer buffer = file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, length);
      close(); // The mapping stays.
      return new MappedMemory(buffer, unmapper);
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        // The kernel has all written bytes already.
      }
    }
  }
}
