package dev.skein.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.skein.TestModels;
import dev.skein.graph.Cut;
import dev.skein.graph.Cuts;
import dev.skein.graph.GraphException;
import dev.skein.graph.Model;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.Skeleton;
import dev.skein.graph.Verifier;
import dev.skein.onnx.proto.AttributeProto;
import dev.skein.onnx.proto.AttributeProto.AttributeType;
import dev.skein.onnx.proto.GraphProto;
import dev.skein.onnx.proto.ModelProto;
import dev.skein.onnx.proto.NodeProto;
import dev.skein.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class HostileFileTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "tiny_kws_dscnn.onnx, 3000",
    "cifar10_resnet20.onnx, 2000",
    "FastestDet.onnx, 700",
    "shufflenet-v2-12-int8.onnx, 800",
  })
  void damagedModelReadsOrSaysWhatIsWrong(String file, int times) {
    // Without its weights nearly every byte matters.
    Model model = OnnxReader.read(TestModels.file(file));
    fuzz(OnnxWriter.toBytes(Skeleton.of(model, 64).skeleton()), times);
  }

  @Test
  void damagedRichModelReadsOrSaysWhatIsWrong() {
    fuzz(RichModel.build().toByteArray(), 10_000);
  }

  private static void fuzz(byte[] bytes, int times) {
    int read = 0;
    for (int seed = 0; seed < times; seed++) {
      byte[] damaged = new Damage(new Random(seed)).to(bytes);
      try {
        Model model = OnnxReader.read(damaged);
        read++;
        use(model);
      } catch (OnnxException | GraphException e) {
        assertOneLine(e);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    // Else the damage is too coarse to get past the first checks.
    assertThat(read).isBetween(times / 100, times * 99 / 100);
  }

  private static void use(Model model) {
    Model again = OnnxReader.read(OnnxWriter.toBytes(model));
    assertThat(Skeleton.of(again, 0).skeleton()).isEqualTo(Skeleton.of(model, 0).skeleton());
    List<Cut> cuts = Cuts.of(model.graph(), 3);
    for (Segment segment : Segments.between(List.of(cuts.getFirst(), cuts.getLast()))) {
      Verifier.verify(Segments.extract(model.graph(), segment));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilenetv2_1.0_224.onnx", "tiny_anomaly_autoencoder.onnx"})
  void truncatedFileIsRefusedByName(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(TestModels.file(name));
    Random random = new Random(3);
    Path file = folder.resolve("cut.onnx");
    for (int i = 0; i < 12; i++) {
      int left = i == 0 ? bytes.length - 1 : random.nextInt(bytes.length);
      Files.write(file, java.util.Arrays.copyOf(bytes, left));
      assertThatThrownBy(() -> OnnxReader.read(file))
          .isInstanceOf(OnnxException.class)
          .hasMessageStartingWith("cut.onnx: ")
          .satisfies(e -> assertOneLine((RuntimeException) e));
    }
  }

  @Test
  void whatIsNoModelIsRefused() throws IOException {
    assertRefused(new byte[0], "has no graph, so it is not an ONNX model");
    assertRefused("Hello, this is a text file.\n".getBytes("UTF-8"), "no ONNX model");
    assertRefused(new byte[] {0, 0, 0, 0}, "no ONNX model");
    assertRefused(new byte[] {0x0b, 0x0c}, "laid out in no known way");
    assertThatThrownBy(() -> OnnxReader.read(folder.resolve("none.onnx")))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("no such file")
        .hasMessageContaining("none.onnx");
    assertThatThrownBy(() -> OnnxReader.read(folder))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("is a folder");
    Path huge = folder.resolve("huge.onnx");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(1L << 31);
    }
    assertThatThrownBy(() -> OnnxReader.read(huge))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("above 2 GiB; keep its weights as external data");
  }

  @ParameterizedTest
  @CsvSource({"6, false", "7, true", "22, true", "23, false", "-1, false"})
  void onlyKnownOpsetsAreRead(long version, boolean known) {
    byte[] bytes = model(version, GraphProto.newBuilder()).toByteArray();
    if (known) {
      assertThat(OnnxReader.read(bytes).opsets()).containsEntry("", version);
    } else {
      assertRefused(bytes, "uses opset " + version + ", Skein reads 7 to 22");
    }
  }

  @Test
  void otherDomainsVersionsAreNobodysBusiness() {
    NodeProto node =
        NodeProto.newBuilder().setOpType("X").setDomain("com.example").addOutput("y").build();
    ModelProto other =
        model(7, GraphProto.newBuilder().addNode(node)).toBuilder()
            .clearOpsetImport()
            .addOpsetImport(RichModel.opset("com.example", 99))
            .build();
    assertThat(OnnxReader.read(other.toByteArray()).opsets()).containsOnlyKeys("com.example");
    ModelProto none =
        model(7, GraphProto.newBuilder().addNode(node.toBuilder().clearDomain())).toBuilder()
            .clearOpsetImport()
            .build();
    assertRefused(none.toByteArray(), "uses opset 1");
    ModelProto two =
        model(13, GraphProto.newBuilder()).toBuilder()
            .addOpsetImport(RichModel.opset("ai.onnx", 12))
            .build();
    assertRefused(two.toByteArray(), "imports opsets 13 and 12");
  }

  @Test
  void faultsInsideTheGraphAreNamed() {
    TensorProto weight = RichModel.floats("w", 1, 2);
    assertRefused(
        graph().addInitializer(weight).addInitializer(weight), "weight 'w' is there twice");
    assertRefused(graph().addInitializer(weight.toBuilder().clearName()), "a weight has no name");
    assertRefused(
        graph().addInitializer(weight.toBuilder().setDims(0, 3)),
        "weight 'w': float of shape 3 needs 12 bytes, has 8");
    assertRefused(graph().addInitializer(weight.toBuilder().setDims(0, -1)), "negative axis");
    assertRefused(
        graph().addInitializer(weight.toBuilder().addDims(1L << 62).addDims(8)),
        "too many elements");
    assertRefused(
        graph().addInitializer(weight.toBuilder().setDims(0, 1L << 62)), "is too large for float");
    assertRefused(
        graph().addInitializer(weight.toBuilder().setDataType(99)),
        "unknown tensor element type 99");
    assertRefused(
        graph().addInitializer(weight.toBuilder().setDataType(8)), "is of type string, but holds");
    assertRefused(
        graph().addNode(NodeProto.newBuilder().setOpType("Relu").addInput("q").addOutput("y")),
        "Relu 'y' reads 'q', which nothing makes");
    AttributeProto.Builder alpha = RichModel.attribute("alpha", AttributeType.FLOAT).setF(1);
    assertRefused(
        graph()
            .addNode(
                NodeProto.newBuilder().setOpType("Elu").addAttribute(alpha).addAttribute(alpha)),
        "has attribute 'alpha' twice");
    assertRefused(
        graph().addNode(NodeProto.newBuilder().setOpType("Elu").addAttribute(alpha.setT(weight))),
        "attribute 'alpha': is of type FLOAT and holds a tensor");
    assertRefused(
        graph()
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("Elu")
                    .setNameBytes(ByteString.copyFrom(new byte[] {-1}))),
        "a node's name is not UTF-8");
  }

  @Test
  void unsortedNodesArePutInOrder() {
    GraphProto.Builder graph =
        graph()
            .addInput(RichModel.value("x", 1))
            .addNode(NodeProto.newBuilder().setOpType("Neg").addInput("a").addOutput("b"))
            .addNode(NodeProto.newBuilder().setOpType("Exp").addInput("x").addOutput("a"))
            .addOutput(RichModel.value("b", 1));
    assertThat(OnnxReader.read(model(13, graph).toByteArray()).graph().nodes())
        .extracting(node -> node.op())
        .containsExactly("Exp", "Neg");
  }

  @Test
  void bodiesNestedWithoutEndAreRefused() {
    assertRefused(nested(2000), "nested deeper than");
    assertRefused(nested(31), "nested deeper than");
    assertThat(OnnxReader.read(nested(20)).graph().nodes()).hasSize(1);
  }

  private static byte[] nested(int depth) {
    byte[] graph = {};
    for (int i = 0; i < depth; i++) {
      byte[] name = field(1, "b".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      byte[] attribute = field(5, concat(name, field(6, graph)));
      byte[] op = field(4, "If".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      graph = field(1, concat(op, attribute));
    }
    return concat(field(8, new byte[] {0x10, 13}), field(7, graph));
  }

  /** Where many tiny things stand, and what one of them is. */
  @ParameterizedTest
  @CsvSource({
    "node, 1, 0a00",
    "attribute, 1 1, 2a00",
    "input, 1 1, 0a00",
    "number, 1 1 5, 4001",
    "axis, 5, 0801",
    "weight, '', 2a00",
    "value, '', 6a00",
    "unknown number, '', f00701",
    "unknown text, '', f20700",
    "unpacked values, 5, 3801",
  })
  void fileOfManyTinyThingsIsReadOrRefused(String what, String path, String hex) {
    byte[] one = java.util.HexFormat.of().parseHex(hex);
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    while (many.size() < 12_000_000) {
      many.writeBytes(one);
    }
    byte[] at = many.toByteArray();
    for (String field : path.isEmpty() ? new String[0] : path.split(" ")) {
      at = field(Integer.parseInt(field), at);
    }
    byte[] bytes = concat(field(8, new byte[] {0x10, 13}), field(7, at));
    try {
      assertThat(OnnxReader.read(bytes).graph()).as(what).isNotNull();
    } catch (OnnxException e) {
      assertOneLine(e);
    }
  }

  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 12);
    Wire.write(number << 3 | 2, out);
    Wire.write(content.length, out);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteString.copyFrom(first).concat(ByteString.copyFrom(second)).toByteArray();
  }

  private static GraphProto.Builder graph() {
    return GraphProto.newBuilder();
  }

  private static ModelProto model(long opset, GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(RichModel.opset("", opset))
        .setGraph(graph)
        .build();
  }

  private static void assertRefused(GraphProto.Builder graph, String why) {
    assertRefused(model(13, graph).toByteArray(), why);
  }

  private static void assertRefused(byte[] bytes, String why) {
    assertThatThrownBy(() -> OnnxReader.read(bytes))
        .isInstanceOf(OnnxException.class)
        .hasMessageStartingWith("model: ")
        .hasMessageContaining(why)
        .satisfies(e -> assertOneLine((RuntimeException) e));
  }

  private static void assertOneLine(RuntimeException e) {
    assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(700).doesNotContainPattern("\\R");
  }
}
