package dev.skein.cli;

import org.jspecify.annotations.Nullable;

/**
 * What the doctor found out about one thing.
 *
 * @param remedy the way out; null if nothing is wrong
 */
record Check(String name, State state, String found, @Nullable String remedy) {
  enum State {
    OK,
    WARN,
    FAIL
  }

  static Check ok(String name, String found) {
    return new Check(name, State.OK, found, null);
  }

  static Check warn(String name, String found, String remedy) {
    return new Check(name, State.WARN, found, remedy);
  }

  static Check fail(String name, String found, String remedy) {
    return new Check(name, State.FAIL, found, remedy);
  }
}
