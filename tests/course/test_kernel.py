"""The kernel of chapters (in JupyterLab: test_jupyter; in a tour: test_tour)."""

import os

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpecManager

from eventlab.course.kernel import DATA, KERNEL, kernel_environment


def test_it_is_described_as_ipykernel_describes_it():
    """Only its place is ours: a newer ipykernel that can do more is to be followed."""
    spec = KernelSpecManager(kernel_dirs=[str(DATA / "kernels")]).get_kernel_spec(KERNEL)
    its_own = get_kernel_dict() | {"argv": ["python", *get_kernel_dict()["argv"][1:]]}
    assert {name: spec.to_dict()[name] for name in its_own} == its_own


def test_what_is_set_already_stays(monkeypatch):
    """Other kernels are still found, after ours; twice makes no difference."""
    monkeypatch.setenv("JUPYTER_PATH", os.pathsep.join(["/one", "/two"]))
    monkeypatch.setenv("JUPYTER_PATH", kernel_environment()["JUPYTER_PATH"])
    wanted = os.pathsep.join([str(DATA), "/one", "/two"])
    assert kernel_environment()["JUPYTER_PATH"] == wanted
