package io.selvage.prove.input;

/**
 * One file of configuration.
 *
 * @param source what locations show: a path, or a git reference and a path
 */
public record SourceText(String source, String text) {}
