/**
 * What Skein costs compared with the libraries under it, measured side by side. May import
 * everything.
 */
@NullMarked
package dev.skein.lab.benchmark;

import org.jspecify.annotations.NullMarked;
