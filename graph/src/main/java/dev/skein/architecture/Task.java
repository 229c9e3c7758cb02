package dev.skein.architecture;

/**
 * What a network is built for.
 *
 * @param size rows and columns of the pictures
 * @param small whether it gets the form used for CIFAR's pictures
 */
record Task(long size, boolean small, int classes) {}
