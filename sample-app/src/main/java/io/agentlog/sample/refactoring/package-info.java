/**
 * A small refactoring agent. It works on a folder of a few source files that it makes itself: it
 * reads them, plans a renaming, changes the files that need it, in the ways in which programs do
 * so, and tidies up. With {@code files=true} agentlog records what it did to which file.
 *
 * <p>It is recorded by annotations alone, as the router is.
 *
 * <p><b>Threads:</b> the main thread.
 *
 * <p><b>Failure:</b> a file that can't be read or written ends the work; what was changed before
 * stays changed.
 */
@NullMarked
package io.agentlog.sample.refactoring;

import org.jspecify.annotations.NullMarked;
