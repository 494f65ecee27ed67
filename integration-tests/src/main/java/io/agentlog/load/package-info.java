/** Long runs by hand against real servers; docs/performance.md has the commands. */
@NullMarked
package io.agentlog.load;

import org.jspecify.annotations.NullMarked;
