package io.selvage.doctor.evidence;

import java.util.Map;

/**
 * One sample of a Prometheus page.
 *
 * @param pod whose page
 * @param name with {@code _total} where it is a counter
 */
public record Metric(String pod, String name, Map<String, String> labels, double value) {}
