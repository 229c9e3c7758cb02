/**
 * Runs the segments that requesters ask for: one device, its loaded segments, one queue a stage.
 * May import {@code engine}, {@code wire}, {@code store} and what those may.
 */
@NullMarked
package dev.skein.worker;

import org.jspecify.annotations.NullMarked;
