package io.agentlog.agent.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A real directory whose disk fails at times, as a broken one does. */
final class RefusingStorage implements JournalStorage {
  private final DirectoryStorage storage;
  boolean refuses;
  int triedCount;

  RefusingStorage(Path directory) throws IOException {
    this.storage = new DirectoryStorage(directory, buffer -> {});
  }

  private void refuse() throws IOException {
    if (refuses) {
      triedCount++;
      throw new IOException("Input/output error");
    }
  }

  @Override
  public List<String> names() throws IOException {
    return storage.names();
  }

  @Override
  public StorageFile create(String name) throws IOException {
    refuse();
    return storage.create(name);
  }

  @Override
  public StorageFile open(String name) throws IOException {
    refuse();
    return storage.open(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    storage.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    storage.delete(name);
  }

  @Override
  public void forceNames() throws IOException {
    storage.forceNames();
  }

  @Override
  public long usableBytes() throws IOException {
    return storage.usableBytes();
  }
}
