package io.selvage.prove;

/**
 * Where there is no answer, and why: never the same as "nothing found".
 *
 * @param place what was asked about
 * @param reason in words: what is beyond the budget, or what can't be modelled
 */
public record Inconclusive(Place place, String reason) {}
