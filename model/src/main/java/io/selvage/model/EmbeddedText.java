package io.selvage.model;

/**
 * YAML inside a string of another document.
 *
 * @param firstLine lines of the source before the text
 */
record EmbeddedText(String text, int firstLine) {}
