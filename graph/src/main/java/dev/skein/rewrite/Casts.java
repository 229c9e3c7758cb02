package dev.skein.rewrite;

import dev.skein.tensor.ElementType;

/** Which conversions of numbers lose nothing, and which two may be done in one. */
final class Casts {
  private Casts() {}

  /** Whether every number of one type is one of the other, too. */
  static boolean isExact(ElementType from, ElementType to) {
    if (from == to) {
      return true;
    }
    if (isInteger(from) && isInteger(to)) {
      return isSigned(from) ? isSigned(to) && to.bits() > from.bits() : to.bits() > from.bits();
    }
    int digits = isInteger(from) ? from.bits() : digits(from);
    return switch (from) {
      case BOOL -> isInteger(to) || digits(to) > 0;
      case FLOAT16 -> to == ElementType.FLOAT || to == ElementType.DOUBLE;
      case BFLOAT16 -> to == ElementType.FLOAT || to == ElementType.DOUBLE;
      case FLOAT -> to == ElementType.DOUBLE;
      default -> isInteger(from) && digits <= digits(to);
    };
  }

  /**
   * Whether first → second → third gives what first → third does. Not if a float is squeezed into
   * integers that may not hold it: what comes then depends on the way.
   */
  static boolean isOne(ElementType first, ElementType second, ElementType third) {
    boolean clear =
        first == third
            || isExact(first, third)
            || third == ElementType.BOOL
            || digits(third) > 0
            || (isInteger(first) && isInteger(second) && isInteger(third));
    return isExact(first, second) && clear;
  }

  private static boolean isInteger(ElementType type) {
    return switch (type) {
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> true;
      default -> false;
    };
  }

  private static boolean isSigned(ElementType type) {
    return switch (type) {
      case INT8, INT16, INT32, INT64 -> true;
      default -> false;
    };
  }

  /** Binary digits that a type of floats keeps; 0 for any other. */
  private static int digits(ElementType type) {
    return switch (type) {
      case BFLOAT16 -> 8;
      case FLOAT16 -> 11;
      case FLOAT -> 24;
      case DOUBLE -> 53;
      default -> 0;
    };
  }
}
