package dev.skein.cli;

import dev.skein.node.Node;
import dev.skein.node.NodeSettings;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One device joins a swarm and works for it until it is told to stop. */
@Command(
    name = "node",
    description = "Joins a swarm with this device and works for it until stopped.",
    mixinStandardHelpOptions = true)
final class NodeCommand implements Callable<Integer> {
  @Mixin private NodeOptions options = new NodeOptions();

  @Option(names = "--json", description = "print one JSON object when ready")
  private boolean json;

  @Option(
      names = "--until-eof",
      description = "stop when standard input ends, so that no node outlives who started it")
  private boolean untilEof;

  /** What is printed when the node is ready. */
  record Ready(String id, String name, String join) {}

  @Override
  public Integer call() throws InterruptedException, IOException {
    String name = NodeOptions.hostName();
    CountDownLatch stopped = new CountDownLatch(1);
    Node node = Node.start(options.settings(NodeSettings.Role.WORKER, name));
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  node.close();
                  stopped.countDown();
                }));
    Ready ready = new Ready(node.id(), node.name(node.id()), node.address().toString());
    System.out.println(
        json
            ? Json.line(ready)
            : "node %s is ready; others join with --join %s".formatted(ready.name(), ready.join()));
    if (untilEof) {
      while (System.in.read() >= 0) {
        // Whatever is typed, only the end counts.
      }
    } else {
      stopped.await();
    }
    return 0;
  }
}
