import os
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from tenon.data.images import list_images, read_image_folder
from tenon.data.read import read
from tenon.errors import DataError
from tenon.tasks import infer_task


def picture(path, size=(4, 3)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (len(path.name) * 9 % 256, 20, 30)).save(path)
    return path


def test_a_folder_by_class(tmp_path):
    for name in ("猫/b.png", "猫/a.JPG", "dog/x.bmp", "dog/deep/y.gif", "dog/z.webp", "dog/.hidden.png", ".cache/c.png"):
        picture(tmp_path / name)
    (tmp_path / "dog" / "notes.txt").write_text("x")
    (tmp_path / "bird").mkdir()
    data = read(tmp_path)
    assert data.frame["image"].tolist() == ["dog/deep/y.gif", "dog/x.bmp", "dog/z.webp", "猫/a.JPG", "猫/b.png"]
    assert data.target.tolist() == ["dog", "dog", "dog", "猫", "猫"]
    assert data.root == tmp_path
    assert data.schema["image"].kind == "image"
    assert data.schema["image"].reason == "5 images, 4 × 3 pixels"
    assert data.how_read == "1 bmp, 1 gif, 1 jpg, 1 png, 1 webp"
    assert "1 file that is no image was left out: 'dog/notes.txt'" in data.notes[0]
    assert "folders without images were left out: 'bird'" in data.notes[1]
    assert len(data.final_ids) == 0


def test_train_and_test_give_final_rows(tmp_path):
    for name in ("train/0/a.png", "train/1/b.png", "train/1/c.png", "test/0/d.png", "test/1/e.png"):
        picture(tmp_path / name)
    data = read(tmp_path)
    assert data.frame["image"].tolist() == ["train/0/a.png", "train/1/b.png", "train/1/c.png", "test/0/d.png", "test/1/e.png"]
    assert data.target.tolist() == [0, 1, 1, 0, 1]  # folders 0 and 1 are whole numbers
    assert data.final_ids.tolist() == [3, 4]


def test_parts_may_be_written_large(tmp_path):
    for name in ("Train/a/1.png", "Train/b/2.png", "TEST/a/3.png"):
        picture(tmp_path / name)
    data = read(tmp_path)
    assert data.frame["image"].tolist() == ["Train/a/1.png", "Train/b/2.png", "TEST/a/3.png"]
    assert data.final_ids.tolist() == [2]


def test_links_to_folders_are_followed_and_loops_end(tmp_path):
    picture(tmp_path / "elsewhere" / "1.png")
    picture(tmp_path / "photos" / "cat" / "2.png")
    (tmp_path / "photos" / "dog").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "photos" / "cat" / "again").symlink_to("..")
    assert read(tmp_path / "photos").frame["image"].tolist() == ["cat/2.png", "dog/1.png"]
    (tmp_path / "photos" / "cat" / "gone.png").symlink_to("nowhere.png")
    with pytest.raises(DataError, match=r"photos: 1 image file cannot be read: 'cat/gone\.png' is not there\."):
        read(tmp_path / "photos")


def test_names_that_no_text_can_hold_are_refused(tmp_path):
    picture(tmp_path / "a" / "1.png")
    (tmp_path / "b").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "b") + b"/\xff.png")).write_bytes((tmp_path / "a" / "1.png").read_bytes())
    with pytest.raises(DataError, match=r"the name of 1 file is not in UTF-8: 'b/\\udcff\.png'; call them something else"):
        read(tmp_path)


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    for name in ("a/1.png", "b/2.png"):
        picture(tmp_path / name)
    scandir = os.scandir

    def guarded(folder):
        if str(folder).endswith("/b"):
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    with pytest.raises(DataError, match=r"/b cannot be listed \(Permission denied\)\."):
        list_images(tmp_path)


def test_sizes_that_differ(tmp_path):
    picture(tmp_path / "a" / "1.png", (2, 9))
    picture(tmp_path / "b" / "2.png", (5, 3))
    assert read_image_folder(tmp_path).about == "2 images, from 2 × 3 to 5 × 9 pixels"


def test_folders_called_by_many_numbers_are_classes(tmp_path):
    for k in range(12):
        for name in "ab":
            picture(tmp_path / str(k) / f"{name}.png")
    data = read(tmp_path)
    assert data.schema["label"].kind == "category"
    assert sorted(set(data.target)) == sorted(str(k) for k in range(12))
    assert infer_task(data.target)[0].kind == "multiclass"


def test_images_in_the_cells_of_a_table(tmp_path):
    good = picture(tmp_path / "a.png").read_bytes()
    frame = pd.DataFrame({"picture": [good, None, good], "y": ["p", "q", "p"]})
    data = read(frame, "y")
    assert data.schema["picture"].kind == "image"
    assert data.frame["picture"].tolist() == [good, None, good]
    frame.loc[2, "picture"] = good[:-20]
    with pytest.raises(DataError, match=r"data, row 3, column 'picture': the cell is damaged or cut off\."):
        read(frame, "y")


def test_an_image_beyond_measure_is_named(tmp_path, monkeypatch):
    picture(tmp_path / "a" / "1.png")
    picture(tmp_path / "b" / "2.png", (40, 40))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(
        DataError, match=r"1 image file cannot be read: 'b/2\.png' has more pixels than are unpacked in good faith \(200\)"
    ):
        read(tmp_path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)  # beyond it, but not twice as many: Pillow only warns
    assert len(read(tmp_path)) == 2


@pytest.mark.parametrize(
    ("content", "what"), [(b"", "is empty"), (b"no image", "is no image of a known format"), (None, "is damaged or cut off")]
)
def test_broken_images_are_named(tmp_path, content, what):
    good = picture(tmp_path / "a" / "1.png")
    picture(tmp_path / "b" / "2.png")
    half = good.read_bytes()[:-20]  # the header is whole, the end is cut
    (tmp_path / "b" / "bad.png").write_bytes(half if content is None else content)
    with pytest.raises(DataError, match=rf"1 image file cannot be read: 'b/bad\.png' {what}\. Mend or remove"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.png", "b.png"], "holds images but no subfolders"),
        (["a.png", "cat/b.png"], r"holds images beside its class folders \('a\.png'\)"),
        ([], "is a folder with nothing to read: no table in it, and no images "),
        (["train/a/1.png", "test/a/2.png", "val/a/3.png"], "holds train, test and val; put the images of val into train"),
        (["train/a/1.png", "train/b/1.png", "test/c/2.png"], r"test holds classes that train does not: 'c'"),
        (["train/1.png", "test/a/2.png"], "train holds images but no subfolders"),
        (["train/a/1.png", "val/b/2.png"], r"holds train and val; put the images of val into train, or call it test: its rows"),
        (["Train/a/1.png", "Train/b/1.png"], r"holds nothing but Train; name .*/Train itself\."),
        (["test/a/1.png", "valid/b/2.png"], r"holds test and valid, but no train, of which classes are learnt\."),
    ],
)
def test_folders_that_say_no_class(tmp_path, names, message):
    for name in names:
        picture(tmp_path / name)
    with pytest.raises(DataError, match=message):
        read(tmp_path)


def test_list_of_a_flat_folder(tmp_path):
    for name in ("b.PNG", "a.tif", ".c.png"):
        picture(tmp_path / name)
    (tmp_path / "d.txt").write_text("x")
    assert list_images(tmp_path) == (["a.tif", "b.PNG"], ["d.txt"])
