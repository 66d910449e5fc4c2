package io.selvage.doctor.probe;

/** How a command ended, and what it wrote. */
public record Ran(int exit, String out, String err) {}
