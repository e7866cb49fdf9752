"""The same model, text and training in PyTorch, to compare losses with: python examples/05_characters/pytorch.py [seeds]"""

import sys
from pathlib import Path

import torch
from torch import nn

LENGTH, WIDTH, HEADS, INNER, LAYERS, BATCH, STEPS, RATE = 64, 64, 4, 128, 2, 32, 1500, 2e-3

text = (Path(__file__).parent / "../data/text.txt").read_text()
signs = sorted(set(text))
numbers = torch.tensor([signs.index(sign) for sign in text])
split = len(numbers) * 9 // 10
train, test = numbers[:split], numbers[split:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(signs), WIDTH)
        self.position = nn.Parameter(0.02 * torch.randn(LENGTH, WIDTH))
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, dropout=0.0, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, LAYERS, norm=nn.LayerNorm(WIDTH), enable_nested_tensor=False)
        # Copies of one layer start alike; ours do not.
        for copy in self.encoder.layers:
            for part in copy.modules():
                if part is not copy and hasattr(part, "reset_parameters"):
                    part.reset_parameters()
            copy.self_attn._reset_parameters()
        self.head = nn.Linear(WIDTH, len(signs))
        self.mask = nn.Transformer.generate_square_subsequent_mask(LENGTH)

    def forward(self, x):
        x = self.embedding(x) + self.position
        return self.head(self.encoder(x, mask=self.mask, is_causal=True))


def loss_of(net, x, y):
    return nn.functional.cross_entropy(net(x).flatten(0, 1), y.flatten())


@torch.no_grad()
def evaluate(net):
    pieces = (len(test) - 1) // LENGTH
    x, y = (test[shift : shift + pieces * LENGTH].view(pieces, LENGTH) for shift in (0, 1))
    return loss_of(net, x, y).item()


torch.set_num_threads(1)
losses = []
for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    torch.manual_seed(seed)
    net = Net()
    adam = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, STEPS)
    for step in range(STEPS):
        starts = torch.randint(len(train) - LENGTH, (BATCH,))
        x = torch.stack([train[s : s + LENGTH] for s in starts])
        y = torch.stack([train[s + 1 : s + 1 + LENGTH] for s in starts])
        loss = loss_of(net, x, y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        schedule.step()
    losses.append(evaluate(net))
    print(f"seed {seed}: train {loss.item():.4f}, test {losses[-1]:.4f}", flush=True)
print(f"mean test loss {sum(losses) / len(losses):.4f}")
