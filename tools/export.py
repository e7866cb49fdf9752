"""Saves a PyTorch model as a file that `weights!` and `load` read: from export import export; export(model, "net.safetensors").

The names are those of `state_dict()`, and adamant's are the same: nn.Sequential counts its children ("0.weight"), a module names them by
its attributes ("features.0.weight"), batch norm has "running_mean". A chain of Rust counts its layers, a struct names its fields. Layouts
stay PyTorch's (Linear's weight is [out, in]), and `num_batches_tracked` may stay. What the file calls differently is renamed where it is
read: weights!("net.safetensors", names("hidden" = "fc1"), ignore("aux_head")).
"""

from safetensors.torch import save_file


def export(model, path):
    """Saves the parameters and buffers; a tensor that two names share is saved under both."""
    save_file({name: tensor.detach().cpu().clone().contiguous() for name, tensor in model.state_dict().items()}, path)
