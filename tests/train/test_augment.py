"""Flips and crops: each image by its own draw of torch's generator."""

from __future__ import annotations

import torch

from snnc.train.augment import augment, crop, flip


def test_a_flip_mirrors_about_half_of_the_images_whole() -> None:
    torch.manual_seed(0)
    pixels = torch.arange(200 * 12, dtype=torch.int32).view(200, 1, 3, 4)
    flipped = flip(pixels)
    mirrored = (flipped == pixels.flip(-1)).flatten(1).all(1)
    kept = (flipped == pixels).flatten(1).all(1)
    assert bool((mirrored ^ kept).all())
    assert 70 < int(mirrored.sum()) < 130


def test_a_crop_shifts_each_image_by_its_own_draw() -> None:
    torch.manual_seed(0)
    pixels = torch.zeros(300, 2, 16, 16, dtype=torch.uint8)
    pixels[:, :, 8, 8] = 7
    cropped = crop(pixels)
    places = (cropped[:, 0] == 7).nonzero()
    assert len(places) == 300
    assert torch.equal(cropped[:, 0], cropped[:, 1])
    assert places[:, 1].unique().tolist() == places[:, 2].unique().tolist() == list(range(4, 13))
    assert len({tuple(place[1:].tolist()) for place in places}) > 60


def test_augmentation_follows_torchs_generator() -> None:
    pixels = torch.randint(256, (20, 3, 8, 8)).to(torch.uint8)
    torch.manual_seed(5)
    first = augment(pixels, ("flip", "crop"))
    torch.manual_seed(5)
    assert torch.equal(first, augment(pixels, ("flip", "crop")))
    assert not torch.equal(first, augment(pixels, ("flip", "crop")))
    assert torch.equal(augment(pixels, ()), pixels)
