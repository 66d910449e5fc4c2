package io.selvage.cli.mesh;

/**
 * Something that is amiss for as long as it is reported.
 *
 * @param about what tells it from other troubles while its words change, such as how long is left
 * @param text code, cause and next step
 * @param urgent whether something fails by it now
 */
public record Trouble(String about, String text, boolean urgent) {}
