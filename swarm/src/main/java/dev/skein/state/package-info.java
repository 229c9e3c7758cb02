/**
 * What the swarm is believed to be: sealed events, an immutable state, one pure {@code apply}. May
 * import {@code cost} and {@code plan}.
 */
@NullMarked
package dev.skein.state;

import org.jspecify.annotations.NullMarked;
