package dev.skein.quantize;

import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.rewrite.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Raises a model's standard operator set to 13, the first with scales for each channel.
 *
 * <pre>
 * Before  Clip(x){min, max}, Pad(x){pads, value}, Squeeze(x){axes}, Split(x){split}, Slice, …
 * After   Clip(x, min, max), Pad(x, pads, value), Squeeze(x, axes), Split(x, split), …
 * </pre>
 *
 * <p>Conditions: from opset 7 on; no branches or loops; operators of which it is known here that
 * they mean the same in 13, or that are converted ({@link OpsetForms}). Softmax looks at one axis
 * from 13 on, at all that follow before: only where these are of size 1 does that come to the same.
 */
public final class OpsetUpgrade {
  static final long TARGET = 13;
  private static final long LEAST = 7;

  /** Came with the optional inputs and axes that opset 13 has. */
  private static final long LEAST_IR = 7;

  private static final Set<String> UNCHANGED =
      Set.of(
          """
          Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BitShift Cast Ceil Compress Concat
          Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum DepthToSpace DequantizeLinear Det Div
          DynamicQuantizeLinear Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gemm
          GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual HardSigmoid Identity InstanceNormalization IsInf
          IsNaN LRN LSTM LeakyRelu Less LessOrEqual Log LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool
          MaxUnpool Mean MeanVarianceNormalization Min Mod Mul Neg NonMaxSuppression NonZero Not OneHot Or PRelu Pow
          QLinearConv QLinearMatMul QuantizeLinear RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
          ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare Relu Reshape RoiAlign Round ScatterElements ScatterND Selu
          Shape Sigmoid Sign Sin Sinh Size Softplus Softsign SpaceToDepth Sqrt Sub Sum Tan Tanh ThresholdedRelu Tile Transpose
          Where Xor\
          """
              .split("\\s+"));

  private OpsetUpgrade() {}

  /** Whether a model needs it. */
  public static boolean concerns(Model model) {
    return new Scope(model).opset() < TARGET;
  }

  /**
   * The same model with opset 13 or later; one that has it is returned as it is.
   *
   * @param model with the types of its values declared, as far as they are known
   * @throws QuantizeException naming the opset and the node that stand in the way
   */
  public static Model apply(Model model) {
    Model plain = model.with(model.graph().withoutDefaults());
    Scope scope = new Scope(plain);
    if (scope.opset() >= TARGET) {
      return model;
    }
    if (scope.opset() < LEAST) {
      throw new QuantizeException(
          "model '%s' has opset %d, which is older than %d: export it with opset 13"
              .formatted(model.graph().name(), scope.opset(), LEAST));
    }
    Patch patch = new Patch();
    OpsetForms forms = new OpsetForms(scope, patch);
    for (Node node : scope.nodes()) {
      convert(scope, forms, node, patch);
    }
    Map<String, Long> opsets = new LinkedHashMap<>(model.opsets());
    opsets.remove("ai.onnx");
    opsets.put("", TARGET);
    return new Model(
        patch.apply(plain.graph()),
        Math.max(model.irVersion(), LEAST_IR),
        opsets,
        model.metadata(),
        model.rest());
  }

  private static void convert(Scope scope, OpsetForms forms, Node node, Patch patch) {
    boolean standard = node.domain().isEmpty() || node.domain().equals("ai.onnx");
    if (!standard || UNCHANGED.contains(node.op())) {
      return;
    }
    Node now = node.bodies().isEmpty() ? forms.convert(node) : null;
    if (now == null) {
      throw new QuantizeException(
          "cannot raise model '%s' from opset %d to %d because of %s: export it with opset 13"
              .formatted(scope.graph().name(), scope.opset(), TARGET, node.label()));
    }
    patch.replace(node, List.of(now));
  }
}
