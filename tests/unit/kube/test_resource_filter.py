from fairlead.kube.resource_filter import ResourceFilter, ResourceRule, SelectorRule


def test_shipped_and_hard_wired_kinds_are_excluded() -> None:
    shipped = ResourceFilter()
    for group, kind in (
        ("", "Event"),
        ("events.k8s.io", "Event"),
        ("metrics.k8s.io", "PodMetrics"),
        ("coordination.k8s.io", "Lease"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("", "Endpoints"),
        ("cilium.io", "CiliumIdentity"),
    ):
        assert shipped.excludes(group, kind), kind
    for group, kind in (("", "Pod"), ("apps", "Deployment"), ("cilium.io", "CiliumNetworkPolicy")):
        assert not shipped.excludes(group, kind), kind


def test_hard_wired_kinds_cannot_be_included() -> None:
    everything = ResourceFilter(exclusions=(), inclusions=(ResourceRule(api_groups=("*",), kinds=("*",)),))
    assert everything.excludes("", "Event")
    assert not everything.excludes("", "Endpoints")


def test_groups_and_clusters_are_globs_and_kinds_are_exact() -> None:
    rule = ResourceRule(api_groups=("*.example.io",), kinds=("Foo",), clusters=("https://dev-*",))
    dev = ResourceFilter(exclusions=(rule,), cluster="https://dev-1")
    assert dev.excludes("a.example.io", "Foo")
    assert not dev.excludes("a.example.io", "FooBar")
    assert not dev.excludes("example.com", "Foo")
    assert not ResourceFilter(exclusions=(rule,), cluster="https://prod").excludes("a.example.io", "Foo")


def test_excluded_wins_over_included() -> None:
    rule = ResourceRule(api_groups=("apps",))
    assert ResourceFilter(exclusions=(rule,), inclusions=(rule,)).excludes("apps", "Deployment")


def test_with_an_inclusion_for_its_cluster_everything_else_is_out() -> None:
    rule = ResourceRule(api_groups=("apps",), clusters=("https://a",))
    here = ResourceFilter(exclusions=(), inclusions=(rule,), cluster="https://a")
    assert not here.excludes("apps", "Deployment")
    assert here.excludes("", "Pod")
    assert not ResourceFilter(exclusions=(), inclusions=(rule,), cluster="https://b").excludes("", "Pod")


def test_all_selectors_of_a_kind_hold_together_and_only_on_their_clusters() -> None:
    rules = (
        SelectorRule(kinds=("Secret",), selector="team=shop"),
        SelectorRule(api_groups=("",), selector="stage in (live, test)"),
        SelectorRule(kinds=("Secret",), clusters=("https://b",), selector="never"),
    )
    here = ResourceFilter(selectors=rules, cluster="https://a")
    assert here.selector_of("", "Secret") == "team=shop,stage in (live, test)"
    assert here.selector_of("", "Pod") == "stage in (live, test)"
    assert here.selector_of("apps", "Deployment") == ""
