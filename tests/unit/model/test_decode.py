"""Reading objects as people and older tools write them."""

import pytest

from fairlead.model.decode import (
    decode_app_project,
    decode_application,
    decode_application_set,
    from_object,
    to_object,
)
from fairlead.model.errors import MalformedObjectError
from fairlead.model.source import Helm, PluginParameter


def test_null_means_absent() -> None:
    app = decode_application(
        b'{"metadata":{"name":"a","labels":null,"finalizers":null},"operation":null,"status":{"health":null},'
        b'"spec":{"project":null,"destination":null,"sources":null,"source":{"repoURL":"r","helm":null}}}'
    )
    assert to_object(app) == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "a"},
        "spec": {"project": "", "destination": {}, "source": {"repoURL": "r"}},
        "status": {},
    }


def test_null_inside_free_form_values_is_the_users_own() -> None:
    helm = from_object({"valueFiles": None, "valuesObject": {"service": None, "hosts": [None]}}, Helm)
    assert helm.values_object == {"service": None, "hosts": [None]}
    assert helm.value_files == ()


def test_absent_and_empty_lists_of_permitted_kinds_are_told_apart() -> None:
    absent = decode_app_project(b'{"metadata":{},"spec":{}}')
    empty = decode_app_project(b'{"metadata":{},"spec":{"namespaceResourceWhitelist":[]}}')
    assert absent.spec.namespace_resource_whitelist is None
    assert empty.spec.namespace_resource_whitelist == ()
    assert to_object(empty)["spec"] == {"namespaceResourceWhitelist": []}


def test_absent_and_empty_plugin_parameters_are_told_apart() -> None:
    assert to_object(from_object({"name": "a", "string": "", "array": []}, PluginParameter)) == {
        "name": "a",
        "string": "",
        "array": [],
    }


def test_unknown_fields_are_ignored() -> None:
    app = decode_application(b'{"metadata":{"managedFields":[{}]},"spec":{"later":1},"extra":true}')
    assert app.spec.project == ""


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"metadata":{},"spec":{"project":7}}', b'{"metadata":{}}'])
def test_what_is_no_application_is_refused_with_its_kind_named(data: bytes) -> None:
    with pytest.raises(MalformedObjectError, match="Application"):
        decode_application(data)


def test_a_generators_overlay_is_written_out_with_its_required_parts() -> None:
    appset = decode_application_set(
        b'{"metadata":{},"spec":{"generators":[{"list":{"template":{}}}],"template":{}}}'
    )
    overlay = {"metadata": {}, "spec": {"project": "", "destination": {}}}
    assert to_object(appset)["spec"] == {"generators": [{"list": {"template": overlay}}], "template": overlay}
