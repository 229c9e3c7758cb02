package dev.skein.node;

import dev.skein.store.BlobStore;
import dev.skein.wire.DeviceReport;
import dev.skein.wire.Frame;
import dev.skein.wire.NodeService;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Prepared;
import dev.skein.wire.WireException;
import dev.skein.worker.Device;
import dev.skein.worker.Worker;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What this node does for others; also the short way to itself, with no wire between. */
final class Service implements NodeService {
  private final String self;
  private final Device device;
  private final Worker worker;
  private final AnswerDesk answers;
  private final Blobs blobs;
  private final LinkMonitor links;

  /** Everything content-addressed that this node can serve. */
  record Blobs(HeldBlobs held, BlobStore store) {
    @Nullable MemorySegment find(String sha256) {
      MemorySegment here = held.find(sha256);
      return here != null ? here : store.find(sha256);
    }
  }

  Service(
      String self,
      Device device,
      Worker worker,
      AnswerDesk answers,
      Blobs blobs,
      LinkMonitor links) {
    this.self = self;
    this.device = device;
    this.worker = worker;
    this.answers = answers;
    this.blobs = blobs;
    this.links = links;
  }

  @Override
  public DeviceReport describe() {
    try {
      return new DeviceReport(
          self,
          device.referenceMillis(),
          worker.freeBytes(),
          links.measures(),
          worker.deployments());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  @Override
  public Prepared prepare(PrepareRequest request) {
    try {
      return worker.prepare(request);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  @Override
  public void release(String deployment) {
    worker.release(deployment);
  }

  @Override
  public void accept(Frame frame) {
    if (answers.take(frame)) {
      return;
    }
    try {
      worker.accept(frame);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  @Override
  public @Nullable MemorySegment blob(String sha256) {
    return blobs.find(sha256);
  }

  private static WireException interrupted() {
    Thread.currentThread().interrupt();
    return new WireException("the node is shutting down");
  }
}
