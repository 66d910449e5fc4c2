package io.selvage.doctor.report;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Doctor;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.FixtureAuthority;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Ignored;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;

/**
 * A diagnosis that has one of everything a report can show, and texts that each form must escape.
 * Its checks are its own, so that a change of a real one is no change of a form.
 */
final class SampleDiagnosis {
  private SampleDiagnosis() {}

  static Diagnosis of() {
    var checks =
        List.<Check>of(
            check(
                "SLV1002",
                "root valid now",
                FixClass.CONSENTED,
                out -> out.pass("root aa:13 ends in 3620 days")),
            check(
                "SLV2003",
                "no port is PERMISSIVE",
                FixClass.CONSENTED,
                out ->
                    out.warn("11 workloads accept plaintext")
                        .about(new ObjectRef("PeerAuthentication", "pay", "default"))),
            check(
                "SLV2010",
                "all traffic is mTLS",
                FixClass.EXPLAINED,
                out -> out.skip("no metrics of workloads are kept here")),
            check(
                "SLV2011",
                "no handshake is refused",
                FixClass.EXPLAINED,
                out ->
                    out.fail("42 handshakes a minute end with `bad certificate`")
                        .by(Confidence.INFERRED_FROM_LOGS)),
            check(
                "SLV3002",
                "caBundle verifies what istiod serves",
                FixClass.CONSENTED,
                out ->
                    out.fail("caBundle of istio-sidecar-injector entry 2 does not verify istiod")
                        .about(
                            new ObjectRef(
                                "MutatingWebhookConfiguration", "", "istio-sidecar-injector"))
                        .seen(
                            "bundle aa:13, served chain leads to <bb:7f> & \"more\"",
                            "GET mutatingwebhookconfigurations/istio-sidecar-injector")
                        .cause("the CA was rotated; *argocd* wrote the field last")
                        .effect("Pods that are created are refused (failurePolicy Fail)")
                        .since(Fixtures.NOW.minusSeconds(8_340))
                        .next("kubectl get mutatingwebhookconfigurations -o yaml")
                        .fix(
                            new Fix.Patch(
                                "put the root that verifies into entry 2",
                                "admissionregistration.k8s.io/v1",
                                new ObjectRef(
                                    "MutatingWebhookConfiguration", "", "istio-sidecar-injector"),
                                JsonMapper.shared().createArrayNode()))),
            check(
                "SLV6004",
                "the service agent has its role",
                FixClass.PRINTED,
                out -> out.unknown("needs resourcemanager.projects.getIamPolicy")),
            new Check.OfMesh(
                CheckInfo.of(
                    "SLV8001", "clusters share a root", Set.of(Source.OBJECTS), FixClass.CONSENTED),
                (_, out) ->
                    out.fail("different roots: aa:13 in east, 5c:02 in west")
                        .fix(new Fix.Command("see the plan", "selvage explain SLV8001"))));
    var ignored =
        new Ignored(
            List.of(
                new Ignored.Entry(
                    "SLV2003",
                    Optional.of("west"),
                    Optional.empty(),
                    "moves in December",
                    LocalDate.of(2026, 12, 31),
                    ".selvage/ignore.yaml:1"),
                new Ignored.Entry(
                    "SLV1002",
                    Optional.empty(),
                    Optional.empty(),
                    "was renewed",
                    LocalDate.of(2026, 1, 31),
                    ".selvage/ignore.yaml:5")));
    var authority = FixtureAuthority.make();
    return new Doctor(checks, ignored)
        .examine(
            Fixtures.evidence(
                Fixtures.istio("east", authority), Fixtures.istio("west", authority)));
  }

  private static Check check(String code, String title, FixClass fix, Consumer<Results> says) {
    return new Check.OfCluster(
        CheckInfo.of(code, title, Set.of(Source.OBJECTS), fix, "R5"), (_, out) -> says.accept(out));
  }
}
