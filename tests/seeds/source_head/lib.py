#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# Copyright (c) 2022, Acme Widgets Ltd. All rights reserved.
"""x"""
