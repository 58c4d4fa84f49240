"""The inner loops are held against the most that a core can do."""

from ipse_lab.bench import kernel


def test_each_case_is_told_with_its_ceiling() -> None:
    report = kernel.measure(turns=1, seed=1)
    names = [each["name"] for each in report["cases"]]
    assert any("64 probes, embeddings of 512" in name for name in names)
    assert any("31 rotations, codes of 12800" in name for name in names)
    least = min(each["fraction_of_ceiling"] for each in report["cases"])
    assert report["fraction_of_ceiling"] == least > 0
    for each in report["cases"]:
        assert each["gmac_per_second"] > 0
        assert each["ceiling_gmac_per_second"] > 0
    assert report["one_probe"]["gb_per_second"] > 0
