package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.capture.file.FileCalls;
import java.io.File;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Code around methods of the JDK that work on files, as Byte Buddy copies it into them. The methods
 * of these classes are never called. No argument is kept for an exit: the woven methods assign to
 * none.
 */
final class FileAdvice {
  private FileAdvice() {}

  /** Method that opens a name for reading. */
  static final class OpensToRead {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(@Advice.Argument(0) @Nullable String name) {
      return AgentBridge.enterFile(FileCalls.READ, 0, name, null);
    }
  }

  /** Method that opens a name for writing. */
  static final class OpensToWrite {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @Advice.Argument(0) @Nullable String name, @Advice.Argument(1) boolean appends) {
      return AgentBridge.enterFile(FileCalls.WRITE, appends ? FileCalls.APPENDS : 0, name, null);
    }
  }

  /** Method that opens a name in a mode of its own. */
  static final class OpensRandom {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @Advice.Argument(0) @Nullable String name, @Advice.Argument(1) int mode) {
      return AgentBridge.enterFile(FileCalls.RANDOM, mode, name, null);
    }
  }

  /** Method that returns a channel for a path. */
  static final class OpensChannel {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @Advice.Argument(0) @Nullable Object path, @Advice.Argument(1) @Nullable Object options) {
      return AgentBridge.enterFile(FileCalls.CHANNEL, 0, path, options);
    }
  }

  /** Method that closes its receiver. */
  static final class Closes {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(@Advice.This Object open) {
      return AgentBridge.enterFile(FileCalls.CLOSE, 0, open, null);
    }
  }

  /** Method that makes the file that its receiver names. */
  static final class CreatesItself {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(@Advice.This(typing = Assigner.Typing.DYNAMIC) File file) {
      return AgentBridge.enterFile(FileCalls.CREATE, 0, file, null);
    }
  }

  /** Method that deletes the file that its receiver names. */
  static final class DeletesItself {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(@Advice.This(typing = Assigner.Typing.DYNAMIC) File file) {
      return AgentBridge.enterFile(FileCalls.DELETE, 0, file, null);
    }
  }

  /** Method that renames the file that its receiver names. */
  static final class RenamesItself {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @Advice.This(typing = Assigner.Typing.DYNAMIC) File file,
        @Advice.Argument(0) @Nullable Object target) {
      return AgentBridge.enterFile(FileCalls.MOVE, 0, file, target);
    }
  }

  /** Method that deletes a path. */
  static final class Deletes {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(@Advice.Argument(0) @Nullable Object path) {
      return AgentBridge.enterFile(FileCalls.DELETE, 0, path, null);
    }
  }

  /** Method that renames a path. */
  static final class Moves {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @Advice.Argument(0) @Nullable Object source, @Advice.Argument(1) @Nullable Object target) {
      return AgentBridge.enterFile(FileCalls.MOVE, 0, source, target);
    }
  }

  /** Method that copies a path. */
  static final class Copies {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @Advice.Argument(0) @Nullable Object source, @Advice.Argument(1) @Nullable Object target) {
      return AgentBridge.enterFile(FileCalls.COPY, 0, source, target);
    }
  }

  /** The exit of a method that opens its receiver. */
  static final class Opened {
    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        suppress = Throwable.class,
        backupArguments = false)
    static void exit(
        @Advice.Enter @Nullable Object token,
        @Advice.This Object open,
        @Advice.Thrown @Nullable Throwable thrown) {
      AgentBridge.exitFile(token, open, thrown);
    }
  }

  /** The exit of a method that returns what it has opened. */
  static final class OpenedChannel {
    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        suppress = Throwable.class,
        backupArguments = false)
    static void exit(
        @Advice.Enter @Nullable Object token,
        @Advice.Return @Nullable Object open,
        @Advice.Thrown @Nullable Throwable thrown) {
      AgentBridge.exitFile(token, open, thrown);
    }
  }

  /** The exit of a method that returns whether it has done it. */
  static final class Answered {
    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        suppress = Throwable.class,
        backupArguments = false)
    static void exit(
        @Advice.Enter @Nullable Object token,
        @Advice.Return boolean done,
        @Advice.Thrown @Nullable Throwable thrown) {
      AgentBridge.exitFile(token, done, thrown);
    }
  }

  /** The exit of a method that throws or has done it. */
  static final class Done {
    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        suppress = Throwable.class,
        backupArguments = false)
    static void exit(
        @Advice.Enter @Nullable Object token, @Advice.Thrown @Nullable Throwable thrown) {
      AgentBridge.exitFile(token, null, thrown);
    }
  }
}
