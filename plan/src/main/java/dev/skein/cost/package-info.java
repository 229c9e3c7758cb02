/**
 * What things cost: operations and bytes of nodes and segments, and the profiles of the devices and
 * links that pay for them. Pure data and arithmetic. May import {@code graph} and {@code tensor}.
 */
@NullMarked
package dev.skein.cost;

import org.jspecify.annotations.NullMarked;
