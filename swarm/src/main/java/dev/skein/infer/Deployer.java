package dev.skein.infer;

import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import dev.skein.plan.PlanException;
import dev.skein.plan.Planner;
import dev.skein.plan.Stage;
import dev.skein.state.DeviceState;
import dev.skein.state.Snapshot;
import dev.skein.state.SwarmEvent;
import dev.skein.wire.Endpoint;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Prepared;
import dev.skein.wire.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * From a workload to a deployment: plan, have every stage prepared, and look again at the plan with
 * the times that the nodes measured. A node that fails to prepare is left out and the plan made
 * anew.
 */
final class Deployer {
  private static final Duration PREPARE_DEADLINE = Duration.ofMinutes(10);

  private final Neighbours neighbours;
  private final Workload workload;
  private final Planner planner;
  private final Goal goal;
  private final Set<String> refused = new HashSet<>();
  private final Predicate<String> eligible;
  private @Nullable String refusal;

  Deployer(
      Neighbours neighbours,
      Workload workload,
      Planner planner,
      Goal goal,
      Predicate<String> eligible) {
    this.neighbours = neighbours;
    this.workload = workload;
    this.planner = planner;
    this.goal = goal;
    this.eligible = eligible;
  }

  /**
   * @param rounds how often measured times may change the plan before it stands; the fewer, the
   *     sooner requests go on
   * @throws InferenceException if no set of devices takes the model
   */
  Deployment deploy(Neighbours.AnswerReceiver receiver, int window, int rounds) {
    refused.clear();
    refusal = null;
    Deployment current = null;
    for (int round = 0; ; round++) {
      Deployment next = plan(current);
      if (current != null && current.sameStages(next)) {
        return current.with(next.plan());
      }
      if (current != null) {
        if (round >= rounds) {
          return current;
        }
        release(current);
      }
      current = prepare(next, receiver, window) ? next : null;
    }
  }

  /**
   * @param current what is prepared so far; let go of if there is no plan
   */
  private Deployment plan(@Nullable Deployment current) {
    try {
      return plan();
    } catch (InferenceException e) {
      if (current != null) {
        release(current);
      }
      throw e;
    }
  }

  private Deployment plan() {
    Snapshot snapshot =
        neighbours
            .state()
            .snapshot(neighbours.self(), node -> eligible.test(node) && !refused.contains(node));
    if (snapshot.nodes().isEmpty()) {
      throw new InferenceException(
          refusal != null
              ? refusal
              : "no device of the swarm can take work; start one with 'skein node'");
    }
    try {
      Plan plan = planner.plan(workload.costs(), snapshot.swarm(), goal);
      List<String> nodes =
          plan.stages().stream().map(stage -> snapshot.nodes().get(stage.device())).toList();
      // The requester's id in front lets it find what it forgot on others.
      return new Deployment(neighbours.self() + "/" + UUID.randomUUID(), plan, nodes);
    } catch (PlanException e) {
      throw new InferenceException(refusal != null ? refusal : String.valueOf(e.getMessage()));
    }
  }

  void release(Deployment deployment) {
    neighbours.forget(deployment.id());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String node : deployment.distinctNodes()) {
        threads.execute(() -> neighbours.release(node, deployment.id()));
      }
    }
  }

  /** False if a stage could not be prepared: its node is left out now and the plan must change. */
  private boolean prepare(Deployment deployment, Neighbours.AnswerReceiver receiver, int window) {
    List<String> nodes = deployment.nodes();
    List<Stage> stages = deployment.plan().stages();
    List<Route> routes = new ArrayList<>();
    for (int stage = 0; stage < nodes.size(); stage++) {
      Endpoint endpoint = endpoint(nodes.get(stage));
      if (endpoint == null) {
        return false;
      }
      routes.add(new Route(nodes.get(stage), endpoint, workload.segment(stages.get(stage))));
    }
    neighbours.receive(deployment.id(), nodes.size(), receiver);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Prepared>> pending = new ArrayList<>();
      for (int stage = 0; stage < nodes.size(); stage++) {
        PrepareRequest request =
            new PrepareRequest(
                deployment.id(),
                neighbours.self(),
                neighbours.endpoint(neighbours.self()),
                workload.structure(),
                routes,
                stage,
                workload.sample(stages.get(stage)),
                window);
        String node = nodes.get(stage);
        pending.add(threads.submit(() -> neighbours.prepare(node, request, PREPARE_DEADLINE)));
      }
      boolean complete = true;
      for (int stage = 0; stage < nodes.size(); stage++) {
        complete &= collect(pending.get(stage), stages.get(stage), nodes.get(stage));
      }
      if (complete) {
        return true;
      }
    } catch (InferenceException e) {
      release(deployment);
      throw e;
    }
    release(deployment);
    return false;
  }

  /** Null if the node left since the plan was made: it is left out now. */
  private @Nullable Endpoint endpoint(String node) {
    try {
      return neighbours.endpoint(node);
    } catch (RuntimeException e) {
      refused.add(node);
      return null;
    }
  }

  private boolean collect(Future<Prepared> pending, Stage stage, String node) {
    try {
      Prepared prepared = pending.get();
      neighbours.tell(
          new SwarmEvent.StageMeasured(
              node, workload.referenceMillis(stage), prepared.runMillis()));
      return true;
    } catch (ExecutionException e) {
      if (neighbours.answers(node)) {
        refused.add(node);
        refusal = nodeName(node) + ": " + Objects.requireNonNull(e.getCause()).getMessage();
      } else {
        neighbours.tell(new SwarmEvent.Suspected(node));
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InferenceException("interrupted while nodes were preparing");
    }
  }

  private String nodeName(String node) {
    DeviceState device = neighbours.state().devices().get(node);
    return device == null ? node : device.name();
  }
}
