package dev.skein.demo;

import java.util.List;

/**
 * One emulated device.
 *
 * @param slowdown factor on the time that one core of this machine takes
 * @param memory as for {@code --memory}
 * @param link as for {@code --link}
 */
public record Emulated(String name, double slowdown, String memory, String link) {
  List<String> options() {
    return List.of(
        "--name", name,
        "--slowdown", Double.toString(slowdown),
        "--memory", memory,
        "--link", link);
  }
}
