/**
 * The main job, shown: a swarm of emulated devices as processes of this machine, real requests
 * through it, faults on purpose. May import {@code input} and every room of the swarm module.
 */
@NullMarked
package dev.skein.demo;

import org.jspecify.annotations.NullMarked;
