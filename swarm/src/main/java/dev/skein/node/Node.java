package dev.skein.node;

import dev.skein.cost.LinkProfile;
import dev.skein.graph.Model;
import dev.skein.infer.Neighbours;
import dev.skein.infer.Workload;
import dev.skein.member.BindAddress;
import dev.skein.member.HostPort;
import dev.skein.member.Member;
import dev.skein.member.Membership;
import dev.skein.member.NodeHome;
import dev.skein.state.SwarmEvent;
import dev.skein.store.BlobStore;
import dev.skein.store.Fetcher;
import dev.skein.tensor.Tensor;
import dev.skein.wire.DeviceReport;
import dev.skein.wire.Endpoint;
import dev.skein.wire.Frame;
import dev.skein.wire.LinkMeasure;
import dev.skein.wire.LinkProbe;
import dev.skein.wire.PeerException;
import dev.skein.wire.WireLimits;
import dev.skein.wire.WireServer;
import dev.skein.worker.Device;
import dev.skein.worker.Worker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A running node. Everything it starts, {@link #close} ends. */
public final class Node implements AutoCloseable {
  /** Fact of a member that is given no work. */
  public static final String ASKS_ONLY = "asks-only";

  private static final long LEAST_FRAME_BYTES = 16L << 20;
  private static final Duration JOIN_DEADLINE = Duration.ofSeconds(5);
  private static final Duration DESCRIBE_DEADLINE = Duration.ofSeconds(20);
  private static final Duration LINK_AGE = Duration.ofSeconds(1);
  private static final Duration SEND_DEADLINE = Duration.ofMinutes(2);

  private final NodeHome home;
  private final NodeSettings.Traits traits;
  private final Device device;
  private final Directory directory;
  private final HeldBlobs held = new HeldBlobs();
  private final AnswerDesk answers = new AnswerDesk();
  private final BlobStore store;
  private final Worker worker;
  private final LinkMonitor links;
  private final Service service;
  private final Requests requests;
  private final WireServer server;
  private final Membership membership;

  /** What ends the parts that run by now, the last first. */
  private final Deque<Runnable> ends = new ArrayDeque<>();

  private Node(NodeSettings settings) throws InterruptedException {
    traits = settings.traits();
    home = NodeHome.open(settings.home());
    ends.push(home::close);
    String self = home.id();
    boolean joined = false;
    try {
      device = new Device(traits.capacity());
      ends.push(device::close);
      store = BlobStore.open(home.blobs(), traits.storeBytes());
      ends.push(store::close);
      directory = new Directory(self, traits.link(), this::onLeft, this::onJoined);
      ends.push(directory::close);
      Fetcher fetcher =
          new Fetcher(store, () -> directory.others().stream().map(directory::peer).toList());
      worker =
          new Worker(
              self,
              device,
              (wanted, deadline) -> held.fetch(wanted, fetcher, deadline),
              this::forward);
      ends.push(worker::close);
      links = new LinkMonitor(directory::others, this::isSuspected, this::measure);
      ends.push(links::close);
      service = new Service(self, device, worker, answers, new Service.Blobs(held, store), links);
      requests = new Requests(self, directory, service, answers);
      String host = BindAddress.of(settings.membership().bind()).getHostAddress();
      server =
          WireServer.start(new InetSocketAddress(host, 0), traits.link(), limits(traits), service);
      ends.push(server::close);
      Member member =
          new Member(
              self,
              settings.name(),
              host,
              server.port(),
              traits.role() == NodeSettings.Role.WORKER ? Map.of() : Map.of(ASKS_ONLY, "true"));
      membership = Membership.join(settings.membership(), member, directory::onView);
      ends.push(membership::close);
      directory.awaitSelf(JOIN_DEADLINE);
      joined = true;
    } finally {
      if (!joined) {
        close();
      }
    }
  }

  /** What arrives counts against the memory that models have. */
  private static WireLimits limits(NodeSettings.Traits traits) {
    WireLimits most = WireLimits.defaults();
    long frame = Math.clamp(traits.capacity().modelBytes(), LEAST_FRAME_BYTES, most.frameBytes());
    return new WireLimits(frame, Math.min(2 * frame, most.assemblyBytes()));
  }

  /**
   * Joins the swarm; from then on the node works for others.
   *
   * @throws RuntimeException with a one-line message if it cannot
   */
  public static Node start(NodeSettings settings) {
    try {
      return new Node(settings);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeException("interrupted while joining the swarm");
    }
  }

  public String id() {
    return home.id();
  }

  /** What others {@code --join}. */
  public HostPort address() {
    return membership.address();
  }

  public Map<String, Member> members() {
    return directory.members();
  }

  public String name(String node) {
    return directory.name(node);
  }

  public Neighbours neighbours() {
    return requests;
  }

  /** Measures a model on this device and makes its weights available to the swarm. */
  public Workload survey(Model model, Map<String, Tensor> inputs) {
    Survey survey = Survey.of(model, inputs);
    return new Workload(
        survey.model(), held.add(survey.model()), survey.cuts(), survey.costs(), survey.specs());
  }

  /**
   * Asks every member what it can do now and how its links are; members that do not answer keep
   * their former state.
   */
  public List<DeviceReport> refresh() {
    links.refresh(LINK_AGE);
    List<DeviceReport> reports = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String node : directory.others()) {
        threads.execute(() -> {
          DeviceReport report = describe(node);
          if (report != null) {
            synchronized (reports) {
              reports.add(report);
            }
          }
        });
      }
    }
    reports.add(service.describe());
    reports.forEach(this::learn);
    return List.copyOf(reports);
  }

  /** Null if the node does not answer, or not for itself: it is suspected then. */
  private @Nullable DeviceReport describe(String node) {
    try {
      DeviceReport report = directory.peer(node).describe(DESCRIBE_DEADLINE);
      if (!report.node().equals(node)) {
        throw new NodeException("node " + node + " speaks for " + report.node());
      }
      return report;
    } catch (PeerException | NodeException e) {
      directory.tell(new SwarmEvent.Suspected(node));
      return null;
    }
  }

  /** While requests are under way, who joins or returns is measured at once, to be of use. */
  private void onJoined(String node) {
    if (answers.isBusy()) {
      Thread.ofVirtual()
          .start(() -> {
            DeviceReport report = describe(node);
            if (report != null) {
              learn(report);
            }
          });
    }
  }

  private void learn(DeviceReport report) {
    Member member = directory.members().get(report.node());
    if (member == null) {
      return;
    }
    releaseForgotten(report);
    directory.tell(new SwarmEvent.Trusted(report.node()));
    report
        .links()
        .forEach((to, measure) ->
            directory.tell(
                new SwarmEvent.LinkMeasured(
                    report.node(),
                    to,
                    new LinkProfile(measure.latencyMillis(), measure.bytesPerSecond()))));
    boolean ours = report.node().equals(home.id()) && traits.role() == NodeSettings.Role.OWN_WORK;
    if (ours || !member.facts().containsKey(ASKS_ONLY)) {
      double slowness = report.referenceMillis() / bareReferenceMillis();
      directory.tell(
          new SwarmEvent.DeviceMeasured(report.node(), slowness, report.memoryFreeBytes()));
    }
  }

  /** Drops what this node deployed there and could not release when it should have. */
  private void releaseForgotten(DeviceReport report) {
    for (String deployment : report.deployments()) {
      if (deployment.startsWith(home.id() + "/") && !answers.knows(deployment)) {
        requests.release(report.node(), deployment);
      }
    }
  }

  private double bareReferenceMillis() {
    try {
      return device.bareReferenceMillis();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeException("interrupted while measuring this device");
    }
  }

  private boolean isSuspected(String node) {
    return answers.isBusy() && !directory.state().trusts(node);
  }

  private LinkMeasure measure(String node) {
    LinkMeasure measure = LinkProbe.measure(directory.peer(node));
    directory.tell(new SwarmEvent.Trusted(node));
    return measure;
  }

  /** By endpoint, since the next stage's node may not have announced itself here yet. */
  private void forward(String node, Endpoint endpoint, Frame frame) {
    if (node.equals(home.id())) {
      service.accept(frame);
    } else {
      directory.at(endpoint).send(frame, SEND_DEADLINE);
    }
  }

  private void onLeft(String node) {
    worker.releaseOf(node);
    answers.left(node);
  }

  @Override
  public void close() {
    while (!ends.isEmpty()) {
      ends.pop().run();
    }
  }
}
