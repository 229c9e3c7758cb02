package dev.skein.elastic;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * A matrix as a product of two thin ones, left × right: its singular value decomposition, cut off
 * behind the greatest values. Found through the eigenvectors of the smaller of W·Wᵀ and Wᵀ·W;
 * projecting W onto them needs no division by singular values, so it is exact at full rank.
 */
final class Factors {
  private final DMatrixRMaj matrix;
  private final boolean wide;
  private final double[] squares;
  private final DMatrixRMaj[] vectors;

  /**
   * @param matrix rows × columns
   * @throws ArithmeticException if the eigenvalues cannot be found
   */
  Factors(DMatrixRMaj matrix) {
    this.matrix = matrix;
    this.wide = matrix.numRows <= matrix.numCols;
    int side = Math.min(matrix.numRows, matrix.numCols);
    DMatrixRMaj gram = new DMatrixRMaj(side, side);
    DMatrixRMaj tall = wide ? CommonOps_DDRM.transpose(matrix, null) : matrix;
    CommonOps_DDRM.multInner(tall, gram);
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(side, true, true);
    if (!eigen.decompose(gram)) {
      throw new ArithmeticException(
          "no singular values for a matrix of " + matrix.numRows + " by " + matrix.numCols);
    }
    int[] order =
        IntStream.range(0, side)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).real))
            .mapToInt(Integer::intValue)
            .toArray();
    this.squares =
        IntStream.of(order).mapToDouble(i -> Math.max(0, eigen.getEigenvalue(i).real)).toArray();
    this.vectors = IntStream.of(order).mapToObj(eigen::getEigenVector).toArray(DMatrixRMaj[]::new);
  }

  int fullRank() {
    return squares.length;
  }

  /** The share of the sum of squares that the greatest singular values keep. */
  double energy(int rank) {
    double all = 0;
    double kept = 0;
    for (int i = 0; i < squares.length; i++) {
      all += squares[i];
      kept += i < rank ? squares[i] : 0;
    }
    return all > 0 ? kept / all : 1;
  }

  /** The least rank that keeps this share of the sum of squares. */
  int rank(double energy) {
    int rank = 1;
    while (rank < fullRank() && energy(rank) < energy) {
      rank++;
    }
    return rank;
  }

  /** Rows × rank. */
  DMatrixRMaj left(int rank) {
    DMatrixRMaj basis = basis(rank);
    return wide ? basis : CommonOps_DDRM.mult(matrix, basis, null);
  }

  /** Rank × columns. */
  DMatrixRMaj right(int rank) {
    DMatrixRMaj basis = basis(rank);
    return wide
        ? CommonOps_DDRM.multTransA(basis, matrix, null)
        : CommonOps_DDRM.transpose(basis, null);
  }

  private DMatrixRMaj basis(int rank) {
    DMatrixRMaj basis = new DMatrixRMaj(fullRank(), rank);
    for (int column = 0; column < rank; column++) {
      for (int row = 0; row < fullRank(); row++) {
        basis.unsafe_set(row, column, vectors[column].get(row));
      }
    }
    return basis;
  }
}
