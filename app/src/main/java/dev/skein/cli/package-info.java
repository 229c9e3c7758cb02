/** The commands that a person types, and how they print. May import every other room. */
@NullMarked
package dev.skein.cli;

import org.jspecify.annotations.NullMarked;
