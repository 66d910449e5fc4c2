package io.selvage.prove.atom;

/**
 * Values of a field that no pattern tells apart.
 *
 * @param value one of them, the shortest
 * @param patterns ids of the patterns that match them, ascending
 */
@SuppressWarnings("ArrayRecordComponent") // never compared or shown
public record Atom<V>(V value, int[] patterns) {}
