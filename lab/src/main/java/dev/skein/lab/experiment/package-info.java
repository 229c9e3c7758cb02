/**
 * Experiments that print the figures Skein claims, each run by {@code skein lab NAME}. May import
 * every room.
 */
@NullMarked
package dev.skein.lab.experiment;

import org.jspecify.annotations.NullMarked;
