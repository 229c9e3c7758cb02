package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.graph.Model;
import dev.skein.graph.Node;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FusionEquivalenceTest {
  private static final Rewrite[] ALL = {
    new Padding(),
    new HardSwish(),
    new BatchNormAfter(),
    new BatchNormBefore(),
    new LinearChain(),
    new ElementwiseChain(),
    new SiblingConvolutions(),
    new ReductionChain()
  };

  private static List<String> ops(Rewriter.Result result) {
    return result.model().graph().nodes().stream().map(Node::op).toList();
  }

  @ParameterizedTest
  @MethodSource("dev.skein.rewrite.Equivalence#models")
  void realModelsComputeTheSame(String name) {
    Equivalence.check(Equivalence.read(name), ALL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cifar10_resnet20.onnx",
        "tiny_anomaly_autoencoder.onnx",
        "tiny_cifar10_resnet8.onnx"
      })
  void noNormalisationIsLeftInRealModels(String name) {
    assertThat(ops(Equivalence.check(Equivalence.read(name), new BatchNormAfter())))
        .doesNotContain("BatchNormalization");
  }

  @Test
  void realAveragePoolingOfTheWholeMapIsGlobal() {
    Model model = Equivalence.read("tiny_cifar10_resnet8.onnx");
    assertThat(ops(Equivalence.check(model, new ReductionChain())))
        .contains("GlobalAveragePool")
        .doesNotContain("AveragePool");
  }

  @ParameterizedTest
  @ValueSource(longs = {9, 11, 13, 17, 18})
  void randomModelsComputeTheSame(long opset) {
    for (long seed = 0; seed < 40; seed++) {
      Equivalence.check(RandomModel.of(1000 * opset + seed, opset), ALL);
    }
  }

  @Test
  void normalisationBehind() {
    Model conv =
        new Seeded(-1, 4, 7, 7)
            .weight("w", 6, 2, 3, 3)
            .weight("b", 6)
            .node("c", "Conv", "x", "w", "b")
            .with("group", 2)
            .ints("pads", 1, 1, 1, 1)
            .norm("n", "c", 6)
            .weight("v", 6, 2, 3, 3)
            .node("t", "ConvTranspose", "n", "v")
            .with("group", 3)
            .ints("strides", 2, 2)
            .norm("y", "t", 6)
            .model();
    assertThat(ops(Equivalence.check(conv, new BatchNormAfter())))
        .containsExactly("Conv", "ConvTranspose");
    Model dense =
        new Seeded(-1, 5)
            .weight("w", 7, 5)
            .weight("b", 7)
            .node("g", "Gemm", "x", "w", "b")
            .with("transB", 1)
            .with("alpha", 0.5f)
            .with("beta", 2f)
            .norm("n", "g", 7)
            .weight("v", 7, 3)
            .node("m", "MatMul", "n", "v")
            .norm("y", "m", 3)
            .model();
    assertThat(ops(Equivalence.check(dense, new BatchNormAfter()))).containsExactly("Gemm", "Gemm");
  }

  @Test
  void normalisationInFront() {
    Model conv =
        new Seeded(-1, 4, 7, 7)
            .norm("n", "x", 4)
            .weight("w", 6, 2, 3, 3)
            .weight("b", 6)
            .node("c", "Conv", "n", "w", "b")
            .with("group", 2)
            .ints("strides", 2, 1)
            .node("y", "Sigmoid", "c")
            .model();
    assertThat(ops(Equivalence.check(conv, new BatchNormBefore())))
        .containsExactly("Conv", "Sigmoid");
    Model dense =
        new Seeded(-1, 5)
            .norm("n", "x", 5)
            .weight("w", 7, 5)
            .weight("b", 1, 7)
            .node("g", "Gemm", "n", "w", "b")
            .with("transB", 1)
            .with("alpha", 0.5f)
            .with("beta", 2f)
            .norm("o", "g", 7)
            .weight("v", 7, 3)
            .node("y", "MatMul", "o", "v")
            .model();
    assertThat(ops(Equivalence.check(dense, new BatchNormBefore())))
        .containsExactly("Gemm", "Gemm");
  }

  @Test
  void constantsAroundLinearOperators() {
    Model model =
        new Seeded(-1, 4, 9, 9)
            .weight("inner", 4, 1, 1)
            .scalar("s", 3)
            .weight("w", 6, 4, 3, 3)
            .weight("outer", 1, 6, 1, 1)
            .node("a", "Sub", "inner", "x")
            .node("b", "Div", "a", "s")
            .node("c", "Conv", "b", "w")
            .ints("dilations", 2, 2)
            .node("d", "Mul", "outer", "c")
            .node("e", "Sub", "s", "d")
            .weight("t", 6, 5, 2, 2)
            .node("f", "Mul", "e", "outer")
            .node("r", "Relu", "f")
            .node("g", "Mul", "r", "outer")
            .node("y", "ConvTranspose", "g", "t")
            .ints("strides", 2, 2)
            .model();
    assertThat(ops(Equivalence.check(model, new LinearChain())))
        .containsExactly("Conv", "Relu", "ConvTranspose");
  }

  @Test
  void productsInARow() {
    Model conv =
        new Seeded(-1, 4, 9, 9)
            .weight("w", 16, 4, 3, 3)
            .weight("b", 16)
            .node("c", "Conv", "x", "w", "b")
            .ints("strides", 2, 1)
            .ints("pads", 1, 0, 2, 1)
            .weight("v", 4, 16, 1, 1)
            .weight("d", 4)
            .node("y", "Conv", "c", "v", "d")
            .ints("strides", 2, 3)
            .model();
    assertThat(ops(Equivalence.check(conv, new LinearChain()))).containsExactly("Conv");
    Model dense =
        new Seeded(-1, 5)
            .weight("w", 9, 5)
            .weight("b", 9)
            .node("g", "Gemm", "x", "w", "b")
            .with("transB", 1)
            .with("alpha", 0.5f)
            .weight("v", 9, 4)
            .weight("d", 4)
            .node("h", "Gemm", "g", "v", "d")
            .with("alpha", 2f)
            .with("beta", -1f)
            .weight("u", 4, 3)
            .weight("e", 3)
            .node("m", "MatMul", "h", "u")
            .node("y", "Add", "m", "e")
            .model();
    assertThat(ops(Equivalence.check(dense, new LinearChain()))).containsExactly("Gemm");
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 10, 17})
  void elementwiseOperatorsInARow(long opset) {
    Seeded model =
        new Seeded(-1, 3, 4)
            .weight("row", 4)
            .weight("column", 3, 1)
            .scalar("s", 2)
            .node("a", "Add", "x", "row")
            .node("b", "Sub", "column", "a");
    boolean inputs = opset > 10;
    model.scalar("low", -1).scalar("high", 1.5f);
    if (inputs) {
      model.node("c", "Clip", "b", "low").node("d", "Clip", "c", "", "high");
    } else {
      model.node("c", "Clip", "b").with("min", -1f).node("d", "Clip", "c").with("max", 1.5f);
    }
    Model whole =
        model
            .node("e", "Relu", "d")
            .node("f", "Mul", "s", "e")
            .node("g", "Div", "f", "row")
            .node("h", "Neg", "g")
            .node("i", "Neg", "h")
            .node("j", "Exp", "i")
            .node("y", "Relu", "j")
            .model(opset);
    List<String> expected = List.of("Sub", "Clip", "Mul", "Exp", "Relu");
    // 3×1 and 4 would be 12 numbers.
    assertThat(ops(Equivalence.check(whole, new ElementwiseChain())))
        .filteredOn(op -> !op.equals("Add") && !op.equals("Neg"))
        .containsExactlyElementsOf(expected);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 14, 17})
  void hardSwish(long opset) {
    Model model =
        new Seeded(-1, 3, 4, 4)
            .scalar("three", 3)
            .scalar("zero", 0)
            .scalar("six", 6)
            .node("a", "Add", "x", "three")
            .node("b", "Clip", "a", "zero", "six")
            .node("c", "Div", "b", "six")
            .node("d", "Exp", "c")
            .node("e", "Add", "three", "d")
            .node("f", "Clip", "e", "zero", "six")
            .node("g", "Mul", "f", "d")
            .node("y", "Div", "g", "six")
            .model(opset);
    assertThat(ops(Equivalence.check(model, new HardSwish())))
        .containsExactlyElementsOf(
            opset < 14
                ? List.of("HardSigmoid", "Exp", "HardSigmoid", "Mul")
                : List.of("HardSigmoid", "Exp", "HardSwish"));
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 13, 18})
  void siblings(long opset) {
    Model model =
        new Seeded(-1, 4, 6, 6)
            .weight("u", 3, 4, 3, 3)
            .weight("v", 5, 4, 3, 3)
            .weight("b", 5)
            .weight("w", 12, 4, 1, 1)
            .weight("z", 9, 4, 1, 1)
            .node("p", "Conv", "x", "u")
            .ints("pads", 1, 1, 1, 1)
            .node("q", "Conv", "x", "v", "b")
            .ints("pads", 1, 1, 1, 1)
            .node("r", "Relu", "p")
            .node("s", "Relu", "q")
            .node("t", "Sigmoid", "r")
            .node("m", "Conv", "x", "w")
            .node("n", "Conv", "x", "z")
            .node("y", "Concat", "s", "m", "n", "t")
            .with("axis", 1)
            .model(opset);
    assertThat(ops(Equivalence.check(model, new SiblingConvolutions())))
        .containsExactlyInAnyOrder("Conv", "Relu", "Split", "Sigmoid", "Conv", "Concat");
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 13, 18})
  void reductions(long opset) {
    Seeded model = new Seeded(-1, 3, 6, 5).longs("two", 2).longs("three", 3).longs("one", 1);
    boolean input = opset >= 18;
    if (input) {
      model.node("a", "ReduceMax", "x", "three").with("keepdims", 0);
      model.node("b", "ReduceMax", "a", "one").with("keepdims", 0);
      model.node("c", "ReduceMean", "x", "two").node("d", "ReduceMean", "c", "three");
    } else {
      model.node("a", "ReduceMax", "x").ints("axes", 3).with("keepdims", 0);
      model.node("b", "ReduceMax", "a").ints("axes", 1).with("keepdims", 0);
      model.node("c", "ReduceMean", "x").ints("axes", 2);
      model.node("d", "ReduceMean", "c").ints("axes", -1);
    }
    model.node("e", "AveragePool", "x").ints("kernel_shape", 6, 5).ints("strides", 2, 2);
    Model whole =
        model
            .node("f", "Add", "d", "e")
            .node("g", "Flatten", "f")
            .node("h", "Concat", "b", "g")
            .with("axis", 1)
            .node("y", "Exp", "h")
            .model(opset);
    assertThat(ops(Equivalence.check(whole, new ReductionChain())))
        .containsExactlyInAnyOrder(
            "ReduceMax",
            "GlobalAveragePool",
            "GlobalAveragePool",
            "Add",
            "Flatten",
            "Concat",
            "Exp");
  }

  @Test
  void droppedAxesOfAMean() {
    Model model =
        new Seeded(-1, 3, 6, 5)
            .node("a", "ReduceMean", "x")
            .ints("axes", 2, 3)
            .with("keepdims", 0)
            .node("y", "Exp", "a")
            .model();
    assertThat(ops(Equivalence.check(model, new ReductionChain())))
        .containsExactly("GlobalAveragePool", "Flatten", "Exp");
  }

  @ParameterizedTest
  @ValueSource(longs = {10, 17, 18})
  void padding(long opset) {
    Seeded model =
        new Seeded(-1, 3, 6, 5)
            .longs("p", 0, 0, 1, 2, 0, 0, 1, 0)
            .longs("q", 0, 0, 0, 1, 0, 0, 1, 1)
            .weight("w", 4, 3, 3, 3);
    if (opset < 11) {
      model.node("a", "Pad", "x").ints("pads", 0, 0, 1, 2, 0, 0, 1, 0);
      model.node("b", "Pad", "a").ints("pads", 0, 0, 0, 1, 0, 0, 1, 1);
    } else {
      model.node("a", "Pad", "x", "p").node("b", "Pad", "a", "q");
    }
    Model whole =
        model
            .node("c", "Conv", "b", "w")
            .ints("pads", 1, 0, 1, 0)
            .node(
                "d",
                opset < 11 ? "Relu" : "Pad",
                opset < 11 ? new String[] {"c"} : new String[] {"c", "p"})
            .node("y", "AveragePool", "d")
            .ints("kernel_shape", 3, 3)
            .ints("strides", 2, 1)
            .model(opset);
    assertThat(ops(Equivalence.check(whole, new Padding())))
        .containsExactlyElementsOf(
            opset < 11 ? List.of("Conv", "Relu", "AveragePool") : List.of("Conv", "AveragePool"));
  }
}
