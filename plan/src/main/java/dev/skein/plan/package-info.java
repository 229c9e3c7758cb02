/**
 * Who computes what: one class for each planner, a pure function of costs, a snapshot of the swarm
 * and a goal. No I/O, no clock, no chance. May import {@code cost}.
 */
@NullMarked
package dev.skein.plan;

import org.jspecify.annotations.NullMarked;
