package io.selvage.prove;

/**
 * What an answer took.
 *
 * @param workloads asked about
 * @param places ports and protocols of them
 * @param distinct different sets of policies among those, each analysed once
 * @param largestNodes of the largest diagram
 */
public record Effort(int workloads, int places, int distinct, int largestNodes) {}
