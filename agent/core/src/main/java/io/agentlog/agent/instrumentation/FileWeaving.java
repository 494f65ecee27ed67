package io.agentlog.agent.instrumentation;

/**
 * Kinds of code woven into methods of the JDK that work on files; {@link FileAdvice} has the code.
 */
final class FileWeaving {
  private static final int NO_PLAN = -1;

  private FileWeaving() {}

  /** The kinds, named without loading the advice. */
  enum Kind implements JdkWeaving.Kind {
    OPENS_TO_READ,
    OPENS_TO_WRITE,
    OPENS_RANDOM,
    OPENS_CHANNEL,
    CLOSES,
    CREATES_ITSELF,
    DELETES_ITSELF,
    RENAMES_ITSELF,
    DELETES,
    MOVES,
    COPIES;

    @Override
    public ClassEdit.MethodEdit edit() {
      return Edits.of(this);
    }
  }

  /** Each is read when the first method needs it. */
  private static final class Edits {
    private static final ClassEdit.MethodEdit[] ALL =
        new ClassEdit.MethodEdit[] {
          edit(FileAdvice.OpensToRead.class, FileAdvice.Opened.class),
          edit(FileAdvice.OpensToWrite.class, FileAdvice.Opened.class),
          edit(FileAdvice.OpensRandom.class, FileAdvice.Opened.class),
          edit(FileAdvice.OpensChannel.class, FileAdvice.OpenedChannel.class),
          edit(FileAdvice.Closes.class, FileAdvice.Done.class),
          edit(FileAdvice.CreatesItself.class, FileAdvice.Answered.class),
          edit(FileAdvice.DeletesItself.class, FileAdvice.Answered.class),
          edit(FileAdvice.RenamesItself.class, FileAdvice.Answered.class),
          edit(FileAdvice.Deletes.class, FileAdvice.Answered.class),
          edit(FileAdvice.Moves.class, FileAdvice.Done.class),
          edit(FileAdvice.Copies.class, FileAdvice.Done.class)
        };

    @SuppressWarnings("EnumOrdinal") // The edits stand in the order of the constants.
    static ClassEdit.MethodEdit of(Kind kind) {
      return ALL[kind.ordinal()];
    }

    private static ClassEdit.MethodEdit edit(Class<?> enter, Class<?> exit) {
      MethodAdvice advice = MethodAdvice.of(enter, exit);
      return (method, next) -> advice.weave(method, NO_PLAN, next);
    }
  }
}
