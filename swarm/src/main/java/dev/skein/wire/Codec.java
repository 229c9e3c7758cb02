package dev.skein.wire;

import dev.skein.graph.Cut;
import dev.skein.graph.Segment;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.TensorSpec;
import dev.skein.wire.proto.Messages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Records to commands on the wire and back; everything read is checked against the bounds. */
final class Codec {
  private Codec() {}

  static Messages.DeviceReport write(DeviceReport report) {
    Messages.DeviceReport.Builder out =
        Messages.DeviceReport.newBuilder()
            .setNode(report.node())
            .setReferenceMillis(report.referenceMillis())
            .setMemoryFreeBytes(report.memoryFreeBytes())
            .addAllDeployments(report.deployments());
    report
        .links()
        .forEach((node, link) ->
            out.putLinks(
                node,
                Messages.LinkMeasure.newBuilder()
                    .setLatencyMillis(link.latencyMillis())
                    .setBytesPerSecond(link.bytesPerSecond())
                    .build()));
    return out.build();
  }

  static DeviceReport read(Messages.DeviceReport in) {
    Bounds.count("links", in.getLinksCount(), WireLimits.LINKS);
    Bounds.count("deployments", in.getDeploymentsCount(), WireLimits.LINKS);
    Map<String, LinkMeasure> links = new LinkedHashMap<>();
    in.getLinksMap()
        .forEach((node, link) ->
            links.put(
                Bounds.name("node", node),
                new LinkMeasure(
                    Bounds.amount("latency", link.getLatencyMillis()),
                    Bounds.amount("rate", link.getBytesPerSecond()))));
    return new DeviceReport(
        Bounds.name("node", in.getNode()),
        Bounds.amount("reference time", in.getReferenceMillis()),
        Bounds.size("free memory", in.getMemoryFreeBytes()),
        links,
        in.getDeploymentsList().stream().map(name -> Bounds.name("deployment", name)).toList());
  }

  static Messages.PrepareRequest write(PrepareRequest request) {
    Messages.PrepareRequest.Builder out =
        Messages.PrepareRequest.newBuilder()
            .setDeployment(request.deployment())
            .setRequester(request.requester())
            .setRequesterEndpoint(write(request.requesterEndpoint()))
            .setSkeleton(
                Messages.BlobRef.newBuilder()
                    .setSha256(request.skeleton().sha256())
                    .setBytes(request.skeleton().bytes()))
            .setStage(request.stage())
            .setWindow(request.window());
    for (Route route : request.stages()) {
      out.addStages(
          Messages.Route.newBuilder()
              .setNode(route.node())
              .setEndpoint(write(route.endpoint()))
              .setFrom(write(route.segment().from()))
              .setTo(write(route.segment().to())));
    }
    request
        .sample()
        .forEach((name, spec) ->
            out.addSample(Messages.NamedSpec.newBuilder().setName(name).setSpec(write(spec))));
    return out.build();
  }

  static PrepareRequest read(Messages.PrepareRequest in) {
    Bounds.count("stages", in.getStagesCount(), WireLimits.STAGES);
    Bounds.count("sample values", in.getSampleCount(), WireLimits.TENSORS);
    List<Route> stages = new ArrayList<>();
    for (Messages.Route route : in.getStagesList()) {
      stages.add(
          new Route(
              Bounds.name("node", route.getNode()),
              read(route.getEndpoint()),
              new Segment(read(route.getFrom()), read(route.getTo()))));
    }
    Map<String, TensorSpec> sample = new LinkedHashMap<>();
    for (Messages.NamedSpec named : in.getSampleList()) {
      String name = Bounds.name("value", named.getName());
      if (sample.put(name, read(named.getSpec())) != null) {
        throw new WireException("value '" + OneLine.of(name) + "' comes twice");
      }
    }
    return new PrepareRequest(
        Bounds.name("deployment", in.getDeployment()),
        Bounds.name("requester", in.getRequester()),
        read(in.getRequesterEndpoint()),
        new BlobRef(in.getSkeleton().getSha256(), in.getSkeleton().getBytes()),
        stages,
        in.getStage(),
        sample,
        in.getWindow());
  }

  static Messages.Prepared write(Prepared prepared) {
    return Messages.Prepared.newBuilder()
        .setLoadMillis(prepared.loadMillis())
        .setRunMillis(prepared.runMillis())
        .setWeightBytes(prepared.weightBytes())
        .setFetchedBytes(prepared.fetchedBytes())
        .build();
  }

  static Prepared read(Messages.Prepared in) {
    return new Prepared(
        Bounds.amount("load time", in.getLoadMillis()),
        Bounds.amount("run time", in.getRunMillis()),
        Bounds.size("weights", in.getWeightBytes()),
        Bounds.size("fetched bytes", in.getFetchedBytes()));
  }

  static Messages.TensorSpec write(TensorSpec spec) {
    Messages.TensorSpec.Builder out = Messages.TensorSpec.newBuilder().setType(spec.type().code());
    for (long dim : spec.shape().toArray()) {
      out.addDims(dim);
    }
    return out.build();
  }

  static TensorSpec read(Messages.TensorSpec in) {
    Bounds.count("axes", in.getDimsCount(), WireLimits.RANK);
    long[] dims = new long[in.getDimsCount()];
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = in.getDims(axis);
    }
    return new TensorSpec(ElementType.ofCode(in.getType()), Shape.of(dims));
  }

  private static Messages.Endpoint write(Endpoint endpoint) {
    return Messages.Endpoint.newBuilder().setHost(endpoint.host()).setPort(endpoint.port()).build();
  }

  private static Endpoint read(Messages.Endpoint in) {
    return new Endpoint(in.getHost(), in.getPort());
  }

  private static Messages.Cut write(Cut cut) {
    return Messages.Cut.newBuilder().setPosition(cut.position()).addAllValues(cut.values()).build();
  }

  private static Cut read(Messages.Cut in) {
    Bounds.count("values of a cut", in.getValuesCount(), WireLimits.TENSORS);
    if (in.getPosition() < 0) {
      throw new WireException("cut at position " + in.getPosition() + " cannot be");
    }
    return new Cut(
        in.getPosition(),
        in.getValuesList().stream().map(name -> Bounds.name("value", name)).toList());
  }
}
